import type {
  Aggregate,
  BucketAnswer,
  GroupColumns,
  GroupKey,
  SeriesRevision,
} from "../analytics-store/analytics-store.ts";
import type { RpcCall } from "../call.ts";
import type { AnalyticsRoom } from "./analytics-room.ts";
import type { QueryProfile } from "./query-profile.ts";
import type { Question } from "./question.ts";

/** Periods to ask for, and where to stop looking. */
export interface Window {
  readonly boundaries: Float64Array;
  readonly before: number;
}

/** A group in the query's range, and in the one that is put beside it, where it is there too. */
export interface AnsweredGroup {
  readonly key: GroupKey;
  readonly main: GroupColumns;
  readonly compared: GroupColumns | undefined;
}

export interface AnsweredSlice {
  readonly groups: readonly AnsweredGroup[];
  /** How many there may be in all. */
  readonly groupsTotal: number;
}

export interface Slice {
  readonly from: number;
  readonly count: number;
}

export interface Reading {
  readonly room: AnalyticsRoom;
  readonly call: RpcCall;
  readonly question: Question;
  readonly profile: QueryProfile;
  readonly main: Window;
  /** Undefined where nothing is compared, or the range that is compared with has no periods. */
  readonly compared: Window | undefined;
}

/** Asks the engine for the groups of one question, slice by slice, and keeps what it says of them all. */
export class GroupReader {
  readonly reading: Reading;
  #revision: SeriesRevision | undefined;
  #rolledUpTo: number | undefined;

  constructor(reading: Reading) {
    this.reading = reading;
  }

  /** Of the first slice: some of what is read later may be newer. */
  get revision(): SeriesRevision | undefined {
    return this.#revision;
  }

  /** The latest start of a rollup in what was read so far. */
  get rolledUpTo(): number | undefined {
    return this.#rolledUpTo;
  }

  async slice(slice: Slice): Promise<AnsweredSlice> {
    const { main, compared, question } = this.reading;
    const { groups, groupsTotal, rolledUpTo } = await this.ask(main, question.aggregates, slice);
    if (rolledUpTo !== undefined) {
      this.#rolledUpTo = Math.max(this.#rolledUpTo ?? rolledUpTo, rolledUpTo);
    }
    const beside = new Map<string, GroupColumns>();
    if (compared !== undefined) {
      const answer = await this.ask(compared, question.aggregates, slice);
      for (const group of answer.groups) beside.set(textOfKey(group.key), group);
    }
    return {
      groups: groups.map((group) => ({
        key: group.key,
        main: group,
        compared: compared && beside.get(textOfKey(group.key)),
      })),
      groupsTotal,
    };
  }

  async ask(
    { boundaries, before }: Window,
    aggregates: readonly Aggregate[],
    slice: Slice,
  ): Promise<BucketAnswer> {
    const { room, call, question, profile } = this.reading;
    const query = {
      ...{ boundaries, before, aggregates, slice },
      filter: question.filter,
      select: question.select,
      boundary: question.boundary,
      numbersMax: room.limits.analyticsNumbersMax,
    };
    const answer = profile.isAsked
      ? await room.series.query(call, { ...query, profiler: profile })
      : await profile.measure("engine", () => room.series.query(call, query));
    this.#revision ??= answer.revision;
    return answer;
  }
}

/** Unambiguous whatever is in the names. */
export const textOfKey = ({ paths, metric, unit }: GroupKey): string =>
  JSON.stringify([paths, metric, unit]);
