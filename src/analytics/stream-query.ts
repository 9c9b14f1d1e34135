import type { HandlerContext } from "@connectrpc/connect";
import type {
  StreamQueryRequest,
  StreamQueryResponse,
} from "#gen/tiffin/analytics/v1/analytics_service_pb.ts";
import { type Group, GroupSchema, type Period } from "#gen/tiffin/analytics/v1/query_pb.ts";
import { type RpcCall, rpcCallOf } from "../call.ts";
import { fragments } from "../fragments.ts";
import type { AnalyticsRoom } from "./analytics-room.ts";
import { asMessage, asMessageOrJson, bytesOfGroup, bytesOfPeriods } from "./answer-bytes.ts";
import { MessageRoom } from "./message-room.ts";
import { QueryProfile } from "./query-profile.ts";
import { type QueryRun, runQuery } from "./run-query.ts";

export async function* streamQuery(
  room: AnalyticsRoom,
  { query, profile: isAsked }: StreamQueryRequest,
  context: HandlerContext,
): AsyncGenerator<StreamQueryResponse> {
  const profile = new QueryProfile(isAsked);
  const call = rpcCallOf(context);
  const run = await runQuery(room, call, { query, profile });
  try {
    yield* toMessages(room, run, { call, profile });
  } finally {
    run.close();
  }
}

async function* toMessages(
  room: AnalyticsRoom,
  run: QueryRun,
  { call, profile }: { readonly call: RpcCall; readonly profile: QueryProfile },
): AsyncGenerator<StreamQueryResponse> {
  let groupsTotal = 0;
  // What is sent is one behind what there is: only then is it known which message is the last.
  let message: StreamQueryResponse | undefined;
  for await (const part of parts(room, run, call)) {
    if (message !== undefined) yield message;
    message = { ...empty, ...part, revision: message === undefined ? run.revision : 0n };
    groupsTotal += message.groups.length;
  }
  profile.logTo(room, { periods: run.periods.length, groups: groupsTotal });
  const rolledUpBefore = run.rolledUpBefore();
  yield {
    ...(message ?? empty),
    ...(profile.isAsked ? { profile: profile.toMessage() } : {}),
    ...(rolledUpBefore === undefined ? {} : { rolledUpBefore }),
  };
}

type Part = Partial<Pick<StreamQueryResponse, "periods" | "comparedPeriods" | "groups">>;

/** What one message after the other has: all periods, and then the groups. */
async function* parts(room: AnalyticsRoom, run: QueryRun, call: RpcCall): AsyncGenerator<Part> {
  const messageRoom = new MessageRoom(room, call);
  const bytesMax = messageRoom.fragmentBytesMax;
  const bytesOf = (group: Group): number => bytesOfGroup(group, asMessageOrJson);
  yield* periodParts(run, bytesMax);
  for await (const groups of run.groups) {
    for (const part of fragments(groups, bytesOf, bytesMax)) {
      for (const group of part) {
        messageRoom.assert("one group of the answer", {
          ...{ schema: GroupSchema, message: group, jsonBytes: () => bytesOf(group) },
          bytes: bytesOfGroup(group, asMessage),
        });
      }
      yield { groups: part };
    }
  }
}

/** Where there are no periods, one part says so. */
function* periodParts({ periods, comparedPeriods }: QueryRun, bytesMax: number): Generator<Part> {
  const bytesOf = (periods: readonly Period[]): number => bytesOfPeriods(periods, asMessageOrJson);
  if (bytesOf(periods) + bytesOf(comparedPeriods) <= bytesMax) {
    yield { periods, comparedPeriods };
    return;
  }
  const cut = (all: Period[]): Generator<Period[]> =>
    fragments(all, (period) => bytesOf([period]), bytesMax);
  for (const part of cut(periods)) yield { periods: part };
  for (const part of cut(comparedPeriods)) yield { comparedPeriods: part };
}

const empty: StreamQueryResponse = {
  $typeName: "tiffin.analytics.v1.StreamQueryResponse",
  periods: [],
  comparedPeriods: [],
  groups: [],
  revision: 0n,
};
