import { limitExceeded, TiffinError } from "../errors.ts";
import type { AnsweredRevisions } from "./answered-revisions.ts";
import { type GroupBatch, groupBatches } from "./group-batches.ts";
import { type Asking, GroupReader, type Reading } from "./group-reader.ts";
import { keptPeriods } from "./kept-periods.ts";
import type { Periods } from "./periods.ts";
import { type QueryRange, toQueryRange } from "./query-range.ts";
import { noWindows, queryWindows } from "./query-windows.ts";
import type { Question } from "./question.ts";
import { isUnranked, rankGroups } from "./rank-groups.ts";

/** A question of which is known what must be before anything is answered: the first groups, and which periods are left out. */
export interface BegunQuery {
  readonly reader: GroupReader;
  readonly main: Periods;
  /** Also where it has none; undefined: nothing is compared. */
  readonly compared: Periods | undefined;
  readonly first: GroupBatch;
  /** By their places. */
  readonly kept: readonly number[];
  readonly rest: AsyncGenerator<GroupBatch>;
}

/** One that is answered. */
export interface AnsweredQuery extends BegunQuery {
  /** All groups in their order, to be gone through once. */
  readonly batches: Iterable<GroupBatch> | AsyncIterable<GroupBatch>;
  /** Gives back what it holds, of those who may go on after this one as well. */
  close(): void;
}

/** All that is asked of the engine is noted in `revisions`. */
export async function beginQuery(
  asking: Asking,
  revisions: AnsweredRevisions,
): Promise<BegunQuery> {
  const { room, question, profile } = asking;
  const range = await profile.measure("range", () => findRange(asking, revisions));
  const { main, compared } = profile.measureSync("periods", () =>
    range === undefined ? noWindows(question) : queryWindows(room, question, range),
  );
  const reader = new GroupReader({
    ...{ ...asking, revisions, main },
    compared: compared?.labels.length === 0 ? undefined : compared,
  });
  return { reader, main, compared, ...(await beginning(reader, main.labels.length)) };
}

/** As it is asked for; what is left open is found in the data. */
async function findRange(
  { room, call, question }: Asking,
  revisions: AnsweredRevisions,
): Promise<QueryRange | undefined> {
  const { range, filter, select, boundary } = question;
  if (range.from !== undefined && range.to !== undefined) {
    return toQueryRange(range, undefined, boundary);
  }
  const asked = { ...filter, select, before: range.to };
  const { span, revision } = await room.series.span(call, asked);
  revisions.note(revision);
  return toQueryRange(range, span, boundary);
}

async function beginning(
  reader: GroupReader,
  periods: number,
): Promise<Pick<BegunQuery, "first" | "kept" | "rest">> {
  const { question, isWhole } = reader.reading;
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
export const columnsOf = ({ aggregates }: Question, isCompared: boolean): number =>
  (2 + aggregates.length) * (isCompared ? 2 : 1);

/** Groups are messages of their own, and take far more than their numbers where those are few. */
const groupsAtOnceMax = 5_000;
/** More are never in one message. For an order of its own, groups are looked for all over once for so many of them. */
const groupsHeldMax = 50_000;
