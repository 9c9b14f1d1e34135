import type { Timestamp } from "@bufbuild/protobuf/wkt";
import type { Group, Period, SeriesQuery } from "#gen/tiffin/analytics/v1/query_pb.ts";
import type { RpcCall } from "../call.ts";
import { invalidField } from "../errors.ts";
import { toTimestamp } from "../timestamp.ts";
import type { AnalyticsRoom } from "./analytics-room.ts";
import type { AnsweredQuery } from "./begun-query.ts";
import { describedDimensions } from "./described-dimensions.ts";
import type { Asking } from "./group-reader.ts";
import type { Periods } from "./periods.ts";
import { QueryProfile } from "./query-profile.ts";
import { toQuestion } from "./question.ts";
import { slicedQuery } from "./sliced-query.ts";
import { toGroup } from "./to-group.ts";
import { type WholeAnswer, wholeQuery } from "./whole-query.ts";

/** A question that is being answered. */
export interface QueryRun {
  readonly periods: Period[];
  readonly comparedPeriods: Period[];
  /** Of the tenant's series, which what is known already is of. Groups that are worked out later may be of a later one. */
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

/** Answers the question as the store has it now. Unless the whole answer is held, nothing but a batch of groups is at a time. */
export async function runQuery(
  room: AnalyticsRoom,
  call: RpcCall,
  { query, profile = new QueryProfile(false), whole }: Asked,
): Promise<QueryRun> {
  if (query === undefined) throw invalidField("query", "is required");
  const question = toQuestion(room, query);
  await profile.measure("tenant", () => room.tenants.read(call, () => []));
  const asking = { room, call, question, profile, isWhole: whole !== undefined };
  const answered = await (whole === undefined ? slicedQuery(asking) : wholeQuery(asking, whole));
  const { reader, main, compared, kept, close } = answered;
  return {
    periods: toPeriods(main, kept),
    comparedPeriods: compared === undefined ? [] : toPeriods(compared, kept),
    revision: BigInt(reader.reading.revisions.least),
    groups: toGroups(asking, answered),
    rolledUpBefore: () => after(reader.rolledUpTo),
    close,
  };
}

async function* toGroups(
  { room, call, question, profile, isWhole }: Asking,
  { batches, kept, compared }: AnsweredQuery,
): AsyncGenerator<Group[]> {
  const isCompared = compared !== undefined;
  const aggregates = question.aggregates.length;
  // Messages take more than what they are made of: of a whole slice they would be held until they are sent.
  const atOnce = isWhole ? Number.POSITIVE_INFINITY : messagesAtOnce(kept.length);
  for await (const { groups } of batches) {
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

const toPeriods = ({ boundaries, labels }: Periods, kept: readonly number[]): Period[] =>
  kept
    .filter((index) => index < labels.length)
    .map((index) => ({
      $typeName: "tiffin.analytics.v1.Period",
      label: labels[index] as string,
      startTime: toTimestamp(boundaries[index] as number),
      endTime: toTimestamp(Math.min(boundaries[index + 1] as number, timeMax)),
    }));

const after = (at: number | undefined): Timestamp | undefined =>
  at === undefined ? undefined : toTimestamp(Math.min(at + 1, timeMax));

/** Groups of a slice of which messages are made at a time, and their periods in all. */
const messagesAtOnceMax = 1000;
const periodsAtOnceMax = 100_000;
/** 9999-12-31T23:59:59.999Z: a google.protobuf.Timestamp says no more. */
const timeMax = 253_402_300_799_999;
