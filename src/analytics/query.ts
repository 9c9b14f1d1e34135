import type { HandlerContext } from "@connectrpc/connect";
import type { QueryRequest, QueryResponse } from "#gen/tiffin/analytics/v1/analytics_service_pb.ts";
import type { Group } from "#gen/tiffin/analytics/v1/query_pb.ts";
import { rpcCallOf } from "../call.ts";
import type { AnalyticsRoom } from "./analytics-room.ts";
import { asMessage, bytesOfGroup, bytesOfPeriods } from "./answer-bytes.ts";
import { AnswerRoom } from "./answer-room.ts";
import { QueryProfile } from "./query-profile.ts";
import { type QueryRun, runQuery } from "./run-query.ts";

export async function query(
  room: AnalyticsRoom,
  { query, profile: isAsked }: QueryRequest,
  context: HandlerContext,
): Promise<QueryResponse> {
  const profile = new QueryProfile(isAsked);
  const whole = new AnswerRoom(room.limits);
  const run = await runQuery(room, rpcCallOf(context), { query, profile, whole });
  const groups = await allGroups(run, whole);
  profile.logTo(room, { periods: run.periods.length, groups: groups.length });
  const rolledUpBefore = run.rolledUpBefore();
  return {
    $typeName: "tiffin.analytics.v1.QueryResponse",
    periods: run.periods,
    comparedPeriods: run.comparedPeriods,
    groups,
    revision: run.revision,
    ...(isAsked ? { profile: profile.toMessage() } : {}),
    ...(rolledUpBefore === undefined ? {} : { rolledUpBefore }),
  };
}

async function allGroups(run: QueryRun, whole: AnswerRoom): Promise<Group[]> {
  const groups: Group[] = [];
  let bytes = bytesOfPeriods([...run.periods, ...run.comparedPeriods], asMessage);
  for await (const batch of run.groups) {
    for (const group of batch) {
      bytes += bytesOfGroup(group, asMessage);
      groups.push(group);
    }
    whole.assertBytes(bytes);
  }
  return groups;
}
