import type { HandlerContext } from "@connectrpc/connect";
import {
  type QueryRequest,
  type QueryResponse,
  QueryResponseSchema,
} from "#gen/tiffin/analytics/v1/analytics_service_pb.ts";
import type { Group } from "#gen/tiffin/analytics/v1/query_pb.ts";
import { rpcCallOf } from "../call.ts";
import type { AnalyticsRoom } from "./analytics-room.ts";
import { asMessage, asMessageOrJson, bytesOfGroup, bytesOfPeriods } from "./answer-bytes.ts";
import { AnswerRoom } from "./answer-room.ts";
import { QueryProfile } from "./query-profile.ts";
import { type QueryRun, runQuery } from "./run-query.ts";
import { sentBytes } from "./sent-bytes.ts";

export async function query(
  room: AnalyticsRoom,
  { query, profile: isAsked }: QueryRequest,
  context: HandlerContext,
): Promise<QueryResponse> {
  const profile = new QueryProfile(isAsked);
  const whole = new AnswerRoom(room.limits);
  const call = rpcCallOf(context);
  const run = await runQuery(room, call, { query, profile, whole });
  const { groups, bytes, jsonBytes } = await allGroups(run, whole);
  profile.logTo(room, { periods: run.periods.length, groups: groups.length });
  const rolledUpBefore = run.rolledUpBefore();
  const message: QueryResponse = {
    $typeName: "tiffin.analytics.v1.QueryResponse",
    periods: run.periods,
    comparedPeriods: run.comparedPeriods,
    groups,
    revision: run.revision,
    ...(isAsked ? { profile: profile.toMessage() } : {}),
    ...(rolledUpBefore === undefined ? {} : { rolledUpBefore }),
  };
  const sent = { schema: QueryResponseSchema, message, bytes, jsonBytes };
  whole.assertBytes(sentBytes(call, sent, room.limits.messageBytesMax));
  return message;
}

interface AllGroups {
  readonly groups: Group[];
  /** What they take with their periods. */
  readonly bytes: number;
  readonly jsonBytes: () => number;
}

async function allGroups(run: QueryRun, whole: AnswerRoom): Promise<AllGroups> {
  const periods = [...run.periods, ...run.comparedPeriods];
  const groups: Group[] = [];
  let bytes = bytesOfPeriods(periods, asMessage);
  for await (const batch of run.groups) {
    for (const group of batch) {
      bytes += bytesOfGroup(group, asMessage);
      groups.push(group);
    }
    whole.assertBytes(bytes);
  }
  const jsonBytes = (): number =>
    groups.reduce(
      (sum, group) => sum + bytesOfGroup(group, asMessageOrJson),
      bytesOfPeriods(periods, asMessageOrJson),
    );
  return { groups, bytes, jsonBytes };
}
