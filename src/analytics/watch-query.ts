import type { HandlerContext } from "@connectrpc/connect";
import { GroupSchema, type SeriesQuery } from "#gen/tiffin/analytics/v1/query_pb.ts";
import {
  type WatchQueryRequest,
  type WatchQueryResponse,
  WatchQueryResponseSchema,
} from "#gen/tiffin/analytics/v1/watch_pb.ts";
import { type RpcCall, rpcCallOf } from "../call.ts";
import { countedWatch } from "../counted-watch.ts";
import { invalidField } from "../errors.ts";
import type { Place } from "../store/layers/directory.ts";
import type { AnalyticsRoom } from "./analytics-room.ts";
import { asMessageOrJson, bytesOfGroup, bytesOfPeriods } from "./answer-bytes.ts";
import { assertSameTenant, followTenant } from "./followed-tenant.ts";
import { toSteppedUnit } from "./granularity.ts";
import { MessageRoom } from "./message-room.ts";
import { type QueryRun, runQuery } from "./run-query.ts";
import { SentAnswer } from "./sent-answer.ts";
import { unitEnd } from "./unit-steps.ts";
import type { WatchWait } from "./watch-wait.ts";
import { toIntervalMs } from "./watched-sources.ts";

export async function* watchQuery(
  room: AnalyticsRoom,
  { query, interval }: WatchQueryRequest,
  context: HandlerContext,
): AsyncGenerator<WatchQueryResponse> {
  if (query === undefined) throw invalidField("query", "is required");
  const call = rpcCallOf(context);
  const watched = { call, query, intervalMs: toIntervalMs(interval) };
  yield* countedWatch(room, () =>
    followTenant(room, call, (tenant, wait) => follow(room, { ...watched, tenant, wait })),
  );
}

interface Following {
  readonly call: RpcCall;
  readonly query: SeriesQuery;
  readonly intervalMs: number;
  readonly tenant: Place;
  readonly wait: WatchWait;
}

/** One run of the query after the other, none before the one before is sent whole. */
async function* follow(
  room: AnalyticsRoom,
  following: Following,
): AsyncGenerator<WatchQueryResponse> {
  const sent = new SentAnswer(room.bounds);
  try {
    for (;;) {
      const answered = { rangeEndsAt: Number.POSITIVE_INFINITY };
      yield* answer(room, following, { sent, answered });
      await untilOutdated(room, following, answered.rangeEndsAt);
    }
  } finally {
    sent.close();
  }
}

/** Works the answer out in its turn, and sends what is new. A reader who is slow lets others have theirs. */
async function* answer(
  room: AnalyticsRoom,
  { call, query, tenant }: Following,
  { sent, answered }: Answering,
): AsyncGenerator<WatchQueryResponse> {
  let turn = await room.turns.begin();
  let run: QueryRun | undefined;
  try {
    answered.rangeEndsAt = endOfRange(room, query);
    run = await runQuery(room, call, { query });
    await assertSameTenant(room, call, tenant);
    for await (const message of toMessages(run, sent, new MessageRoom(room, call))) {
      if (!message.more) turn.end();
      const stopLending = room.clock.after(readMsMax, () => turn.end());
      try {
        yield message;
      } finally {
        stopLending();
      }
      if (message.more && turn.isOver) turn = await room.turns.begin();
    }
  } finally {
    turn.end();
    run?.close();
  }
}

interface Answering {
  readonly sent: SentAnswer;
  /** Told when the range of what is answered becomes another. */
  readonly answered: { rangeEndsAt: number };
}

/** Waits until another run may answer otherwise: something has changed, or a relative range has moved on. */
async function untilOutdated(
  room: AnalyticsRoom,
  { call, intervalMs, tenant, wait }: Following,
  rangeEndsAt: number,
): Promise<void> {
  for (;;) {
    const restMs = rangeEndsAt - room.clock.now();
    if (restMs <= 0) return;
    wait.dueAfter(Math.min(restMs, tenantCheckMs));
    if ((await wait.next()) === "changed") return wait.pause(intervalMs);
    await assertSameTenant(room, call, tenant);
  }
}

/** When the range of the query becomes another without any change: for a relative one, with the unit that runs now. */
function endOfRange({ calendar, clock }: AnalyticsRoom, query: SeriesQuery): number {
  const { relativeRange, timeZone, weekStart } = query;
  if (relativeRange === undefined) return Number.POSITIVE_INFINITY;
  const zone = calendar.zone(timeZone, "query.time_zone");
  const unit = toSteppedUnit(relativeRange.unit, weekStart);
  return unitEnd({ unit, zone }, Math.floor(clock.now()));
}

/** What is new in the answer, in messages; none, if nothing is. Each is held back until it is known whether another follows. */
async function* toMessages(
  run: QueryRun,
  sent: SentAnswer,
  messageRoom: MessageRoom,
): AsyncGenerator<WatchQueryResponse> {
  let message: WatchQueryResponse | undefined;
  let bytes = 0;
  for await (const difference of sent.differences(run)) {
    // Neither the periods nor a group are spread over several messages.
    if (difference.kind === "periods") {
      message = toReset(run);
      const jsonBytes = bytesOfPeriods([...run.periods, ...run.comparedPeriods], asMessageOrJson);
      const periods = { ...difference, schema: WatchQueryResponseSchema, message };
      messageRoom.assert("the periods of the answer", { ...periods, jsonBytes: () => jsonBytes });
      bytes = jsonBytes;
      continue;
    }
    message ??= toMessage(run);
    const { group } = difference;
    const jsonBytes = bytesOfGroup(group, asMessageOrJson);
    const sentGroup = { ...difference, schema: GroupSchema, message: group };
    messageRoom.assert("one group of it", { ...sentGroup, jsonBytes: () => jsonBytes });
    if (bytes > 0 && bytes + jsonBytes > messageRoom.fragmentBytesMax) {
      yield { ...message, more: true };
      message = toMessage(run);
      bytes = 0;
    }
    (difference.kind === "group" ? message.groups : message.removed).push(group);
    bytes += jsonBytes;
  }
  if (message !== undefined) yield message;
}

const toMessage = ({ revision }: QueryRun): WatchQueryResponse => ({
  $typeName: "tiffin.analytics.v1.WatchQueryResponse",
  periods: [],
  comparedPeriods: [],
  groups: [],
  removed: [],
  reset: false,
  more: false,
  revision,
});

const toReset = (run: QueryRun): WatchQueryResponse => ({
  ...toMessage(run),
  periods: run.periods,
  comparedPeriods: run.comparedPeriods,
  reset: true,
});

/** For so long a turn lasts while the reader of a message does not ask for the next. */
const readMsMax = 1000;
/** A deleted tenant is noticed without a change as well, as another process may have deleted it. */
const tenantCheckMs = 10_000;
