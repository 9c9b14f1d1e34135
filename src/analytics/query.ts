import type { HandlerContext } from "@connectrpc/connect";
import type { QueryRequest, QueryResponse } from "#gen/tiffin/analytics/v1/analytics_service_pb.ts";
import type { Group } from "#gen/tiffin/analytics/v1/query_pb.ts";
import { rpcCallOf } from "../call.ts";
import { limitExceeded, TiffinError } from "../errors.ts";
import type { AnalyticsLimits } from "./analytics-limits.ts";
import type { AnalyticsRoom } from "./analytics-room.ts";
import { asMessage, bytesOfGroup, bytesOfPeriods, numbersOf } from "./answer-bytes.ts";
import { QueryProfile } from "./query-profile.ts";
import { type QueryRun, runQuery } from "./run-query.ts";

export async function query(
  room: AnalyticsRoom,
  { query, profile: isAsked }: QueryRequest,
  context: HandlerContext,
): Promise<QueryResponse> {
  const profile = new QueryProfile(isAsked);
  const run = await runQuery(room, rpcCallOf(context), { query, profile, isWhole: true });
  const groups = await allGroups(run, room.limits);
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

/** Refuses more than one message may have, as soon as there is more. */
async function allGroups(run: QueryRun, limits: AnalyticsLimits): Promise<Group[]> {
  const { analyticsNumbersMax, messageBytesMax } = limits;
  const groups: Group[] = [];
  let numbers = 0;
  let bytes = bytesOfPeriods([...run.periods, ...run.comparedPeriods], asMessage);
  for await (const batch of run.groups) {
    for (const group of batch) {
      numbers += numbersOf(group);
      bytes += bytesOfGroup(group, asMessage);
      groups.push(group);
    }
    if (numbers > analyticsNumbersMax) {
      const actual = Math.max(numbers, run.numbersAtMost);
      throw tooLarge("numbers", limitExceeded("analyticsNumbersMax", analyticsNumbersMax, actual));
    }
    if (bytes > messageBytesMax) {
      const actual = Math.max(bytes, run.numbersAtMost * asMessage.number);
      throw tooLarge("bytes", limitExceeded("messageBytesMax", messageBytesMax, actual));
    }
  }
  return groups;
}

function tooLarge(what: string, { details }: TiffinError): TiffinError {
  const { max, actual } = details.metadata ?? {};
  const message = `the answer would have ${actual} ${what}, and ${max} are the most: StreamQuery answers it group by group`;
  return new TiffinError("limit_exceeded", message, details);
}
