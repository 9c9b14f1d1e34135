import type { HandlerContext } from "@connectrpc/connect";
import type {
  StreamQueryRequest,
  StreamQueryResponse,
} from "#gen/tiffin/analytics/v1/analytics_service_pb.ts";
import type { Group } from "#gen/tiffin/analytics/v1/query_pb.ts";
import { rpcCallOf } from "../call.ts";
import { limitExceeded } from "../errors.ts";
import { fragmentBytesMax, fragments } from "../fragments.ts";
import type { AnalyticsRoom } from "./analytics-room.ts";
import { asMessage, asMessageOrJson, bytesOfGroup, bytesOfPeriods } from "./answer-bytes.ts";
import { QueryProfile } from "./query-profile.ts";
import { type QueryRun, runQuery } from "./run-query.ts";

export async function* streamQuery(
  room: AnalyticsRoom,
  { query, profile: isAsked }: StreamQueryRequest,
  context: HandlerContext,
): AsyncGenerator<StreamQueryResponse> {
  const profile = new QueryProfile(isAsked);
  const run = await runQuery(room, rpcCallOf(context), { query, profile });
  const { periods, comparedPeriods, revision } = run;
  refuseOver(room, bytesOfPeriods([...periods, ...comparedPeriods], asMessage));
  let groupsTotal = 0;
  // What is sent is one behind what there is: only then is it known which message is the last.
  let message: StreamQueryResponse = { ...empty, periods, comparedPeriods, revision };
  for await (const groups of parts(room, run)) {
    yield message;
    message = { ...empty, groups };
    groupsTotal += groups.length;
  }
  profile.logTo(room, { periods: periods.length, groups: groupsTotal });
  const rolledUpBefore = run.rolledUpBefore();
  yield {
    ...message,
    ...(isAsked ? { profile: profile.toMessage() } : {}),
    ...(rolledUpBefore === undefined ? {} : { rolledUpBefore }),
  };
}

async function* parts(room: AnalyticsRoom, run: QueryRun): AsyncGenerator<Group[]> {
  const bytesMax = fragmentBytesMax(room.limits);
  const bytesOf = (group: Group): number => bytesOfGroup(group, asMessageOrJson);
  for await (const groups of run.groups) {
    for (const part of fragments(groups, bytesOf, bytesMax)) {
      for (const group of part) refuseOver(room, bytesOfGroup(group, asMessage));
      yield part;
    }
  }
}

/** Neither the periods nor a group are spread over several messages. */
function refuseOver({ limits: { messageBytesMax } }: AnalyticsRoom, bytes: number): void {
  if (bytes > messageBytesMax) throw limitExceeded("messageBytesMax", messageBytesMax, bytes);
}

const empty: StreamQueryResponse = {
  $typeName: "tiffin.analytics.v1.StreamQueryResponse",
  periods: [],
  comparedPeriods: [],
  groups: [],
  revision: 0n,
};
