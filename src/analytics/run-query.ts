import type { Timestamp } from "@bufbuild/protobuf/wkt";
import type { Group, Period, SeriesQuery } from "#gen/tiffin/analytics/v1/query_pb.ts";
import type { GroupKey } from "../analytics-store/analytics-store.ts";
import type { RpcCall } from "../call.ts";
import { invalidField, limitExceeded, TiffinError } from "../errors.ts";
import { toTimestamp } from "../timestamp.ts";
import type { AnalyticsRoom } from "./analytics-room.ts";
import { describedDimensions } from "./described-dimensions.ts";
import { type GroupBatch, groupBatches } from "./group-batches.ts";
import { GroupReader, type Reading } from "./group-reader.ts";
import { keptPeriods } from "./kept-periods.ts";
import type { Periods } from "./periods.ts";
import { QueryProfile } from "./query-profile.ts";
import { type QueryRange, toQueryRange } from "./query-range.ts";
import { noWindows, queryWindows } from "./query-windows.ts";
import { type Question, toQuestion } from "./question.ts";
import { isUnranked, rankGroups } from "./rank-groups.ts";
import { toGroup } from "./to-group.ts";

/** A question that is being answered. */
export interface QueryRun {
  readonly periods: Period[];
  readonly comparedPeriods: Period[];
  /** Of the tenant's series that the answer is of; some of its groups may be of a later one. */
  readonly revision: bigint;
  /** The groups in their order, so many at a time as are worked out at once; to be gone through once. */
  readonly groups: AsyncGenerator<Group[]>;
  /** Known when the groups are through. */
  rolledUpBefore(): Timestamp | undefined;
  /** Gives back what it holds, of those who may go on after this one as well. */
  close(): void;
}

interface Asked {
  readonly query: SeriesQuery | undefined;
  readonly profile?: QueryProfile | undefined;
  /** Given where all that is answered is held anyway: then it is worked out at once, as of one moment. */
  readonly whole?: WholeAnswer | undefined;
}

/** Who holds a whole answer. */
export interface WholeAnswer {
  /** Told of groups as soon as they are known, before anything is made of them; throws where they are too many. */
  expect(groups: ExpectedGroups): void;
}

export interface ExpectedGroups {
  readonly keys: readonly GroupKey[];
  /** Of the dimensions, in the order of the keys' paths. */
  readonly names: readonly string[];
  /** How many each group will have. */
  readonly numbers: number;
  /** How many all groups will have, at most, these and those that follow. */
  readonly numbersAtMost: number;
}

/** Answers the question as the store has it now. Nothing but a batch of groups is held at a time. */
export async function runQuery(
  room: AnalyticsRoom,
  call: RpcCall,
  { query, profile = new QueryProfile(false), whole }: Asked,
): Promise<QueryRun> {
  if (query === undefined) throw invalidField("query", "is required");
  const question = toQuestion(room, query);
  await profile.measure("tenant", () => room.tenants.read(call, () => []));
  const range = await profile.measure("range", () => findRange(room, call, question));
  const { main, compared } = profile.measureSync("periods", () =>
    range === undefined ? noWindows(question) : queryWindows(room, question, range),
  );
  const isCompared = compared !== undefined;
  const reader = new GroupReader({
    ...{ room, call, question, profile, main },
    compared: compared?.labels.length === 0 ? undefined : compared,
  });
  const { first, kept, rest } = await beginning(reader, main.labels.length, whole !== undefined);
  const revision = reader.revision ?? (await headRevision(room, call));
  const share = whole === undefined ? heldSlices(reader.reading, main.labels.length) : undefined;
  share?.hold(first);
  return {
    periods: toPeriods(main, kept),
    comparedPeriods: isCompared ? toPeriods(compared, kept) : [],
    revision: BigInt(revision),
    groups: toGroups(reader.reading, { first, kept, rest, isCompared, whole, share }),
    rolledUpBefore: () => after(reader.rolledUpTo),
    close: () => share?.close(),
  };
}

/** As it is asked for; what is left open is found in the data. */
async function findRange(
  { series }: AnalyticsRoom,
  call: RpcCall,
  { range, filter, select, boundary }: Question,
): Promise<QueryRange | undefined> {
  const isOpen = range.from === undefined || range.to === undefined;
  const span = isOpen
    ? (await series.span(call, { ...filter, select, before: range.to })).span
    : undefined;
  return toQueryRange(range, span, boundary);
}

interface Beginning {
  readonly first: GroupBatch;
  readonly kept: readonly number[];
  readonly rest: AsyncGenerator<GroupBatch>;
}

/** What must be known before anything is answered: the first groups, and which periods are left out. */
async function beginning(
  reader: GroupReader,
  periods: number,
  isWhole: boolean,
): Promise<Beginning> {
  const { question } = reader.reading;
  const groupsMax = groupsAllowed(reader.reading, periods);
  if (periods === 0) return { first: noGroups, kept: [], rest: nothing() };
  const ranked = isUnranked(question.order) ? undefined : await rankGroups(reader);
  // What is sent slice by slice is held until the reader has it: less at a time, for which the engine is asked more often.
  const groupsAtOnce = isWhole
    ? Math.min(groupsHeldMax, groupsMax)
    : Math.min(groupsAtOnceMax, Math.max(1, Math.floor(groupsMax / 2)));
  const batching = {
    ...{ reader, ranked, groupsAtOnce },
    groupsHeldMax: Math.min(groupsHeldMax, groupsMax),
  };
  const rest = groupBatches(batching);
  const { value: first } = await rest.next();
  if (first === undefined) throw new Error("there is one batch at least");
  const kept = question.leavesOutEmpty
    ? await keptPeriods(periods, first.isLast ? [first] : groupBatches(batching))
    : Array.from({ length: periods }, (_, period) => period);
  return { first, kept, rest };
}

/** What one answer holds of what all may hold that are being sent. */
interface HeldSlices {
  hold(batch: GroupBatch): void;
  close(): void;
}

function heldSlices({ room, question, compared }: Reading, periods: number): HeldSlices {
  const share = room.bounds.slices.share();
  const numbers = numbersOfGroup + periods * columnsOf(question, compared !== undefined);
  return {
    hold: ({ groupsHeld }) => share.hold(groupsHeld * numbers),
    close: () => share.close(),
  };
}

async function* nothing(): AsyncGenerator<GroupBatch> {}

const noGroups: GroupBatch = { groups: [], isLast: true, groupsTotal: 0, groupsHeld: 0 };

/** As many as the limit of numbers allows. Refuses where it allows not one. */
function groupsAllowed({ room, question, compared }: Reading, periods: number): number {
  const max = room.limits.analyticsNumbersMax;
  const numbers = periods * columnsOf(question, compared !== undefined);
  if (numbers > max) {
    throw new TiffinError(
      "limit_exceeded",
      `each group would have ${numbers} numbers, and ${max} are the most: ask for a shorter range, or a coarser granularity`,
      limitExceeded("analyticsNumbersMax", max, numbers).details,
    );
  }
  return Math.floor(max / Math.max(1, numbers));
}

/** Value and sum are two, the range beside the query's has as many again. */
const columnsOf = ({ aggregates }: Question, isCompared: boolean): number =>
  (2 + aggregates.length) * (isCompared ? 2 : 1);

interface Answering extends Beginning {
  readonly isCompared: boolean;
  readonly whole: WholeAnswer | undefined;
  readonly share: HeldSlices | undefined;
}

async function* toGroups(
  { room, call, question, profile }: Reading,
  answering: Answering,
): AsyncGenerator<Group[]> {
  const { kept, isCompared } = answering;
  const aggregates = question.aggregates.length;
  for await (const { groups } of expected(question, answering)) {
    // Messages take more than what they are made of: of a whole slice they would be held until they are sent.
    const atOnce = answering.whole === undefined ? messagesAtOnce(kept.length) : groupsHeldMax;
    for (let from = 0; from < groups.length; from += atOnce) {
      const part = groups.slice(from, from + atOnce);
      const described = await profile.measure("metadata", () =>
        describedDimensions(room, call, { select: question.select, groups: part }),
      );
      yield profile.measureSync("columns", () =>
        part.map((group, index) =>
          toGroup(group, { dimensions: described[index] ?? [], kept, isCompared, aggregates }),
        ),
      );
    }
  }
}

const messagesAtOnce = (periods: number): number =>
  Math.max(1, Math.min(messagesAtOnceMax, Math.floor(periodsAtOnceMax / Math.max(1, periods))));

/** Batch by batch. Who holds the whole answer is told of all of them first. */
async function* expected(
  question: Question,
  { first, rest, kept, isCompared, whole, share }: Answering,
): AsyncGenerator<GroupBatch> {
  if (whole === undefined) {
    yield first;
    for await (const batch of rest) {
      share?.hold(batch);
      yield batch;
    }
    share?.close();
    return;
  }
  const names = question.select.map(({ dimension }) => dimension);
  const numbers = kept.length * columnsOf(question, isCompared);
  const numbersAtMost = first.groupsTotal * numbers;
  const batches: GroupBatch[] = [];
  for (let batch: GroupBatch | undefined = first; batch !== undefined; ) {
    whole.expect({ keys: batch.groups.map(({ key }) => key), names, numbers, numbersAtMost });
    batches.push(batch);
    batch = (await rest.next()).value;
  }
  yield* batches;
}

const toPeriods = ({ boundaries, labels }: Periods, kept: readonly number[]): Period[] =>
  kept
    .filter((index) => index < labels.length)
    .map((index) => ({
      $typeName: "tiffin.analytics.v1.Period",
      label: labels[index] as string,
      startTime: toTimestamp(boundaries[index] as number),
      endTime: toTimestamp(Math.min(boundaries[index + 1] as number, timeMax)),
    }));

/** Where no groups were asked for. */
async function headRevision({ series }: AnalyticsRoom, call: RpcCall): Promise<number> {
  return (await series.changes(call, { limit: 1 })).head;
}

const after = (at: number | undefined): Timestamp | undefined =>
  at === undefined ? undefined : toTimestamp(Math.min(at + 1, timeMax));

/** Groups are messages of their own, and take far more than their numbers where those are few. */
const groupsAtOnceMax = 5_000;
/** What a group takes apart from its numbers, as so many numbers. */
const numbersOfGroup = 100;
/** Groups of a slice of which messages are made at a time, and their periods in all. */
const messagesAtOnceMax = 1000;
const periodsAtOnceMax = 100_000;
/** More are never in one message. For an order of its own, groups are looked for all over once for so many of them. */
const groupsHeldMax = 50_000;
/** 9999-12-31T23:59:59.999Z: a google.protobuf.Timestamp says no more. */
const timeMax = 253_402_300_799_999;
