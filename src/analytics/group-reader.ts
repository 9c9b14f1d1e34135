import type {
  Aggregate,
  BucketAnswer,
  GroupColumns,
  GroupKey,
} from "../analytics-store/analytics-store.ts";
import type { RpcCall } from "../call.ts";
import type { AnalyticsRoom } from "./analytics-room.ts";
import { type AnsweredRevisions, ofOneRevision } from "./answered-revisions.ts";
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

/** A question that is asked of the engine. */
export interface Asking {
  readonly room: AnalyticsRoom;
  readonly call: RpcCall;
  readonly question: Question;
  readonly profile: QueryProfile;
  /** Whether all that is answered is held until it is sent. If not, slices are sent one by one, each of a revision of its own. */
  readonly isWhole: boolean;
}

export interface Reading extends Asking {
  /** Noted as they are read. */
  readonly revisions: AnsweredRevisions;
  readonly main: Window;
  /** Undefined where nothing is compared, or the range that is compared with has no periods. */
  readonly compared: Window | undefined;
}

/** Asks the engine for the groups of one question, slice by slice, and keeps what it says of them all. */
export class GroupReader {
  readonly reading: Reading;
  #rolledUpTo: number | undefined;

  constructor(reading: Reading) {
    this.reading = reading;
  }

  /** The latest start of a rollup in what was read so far. */
  get rolledUpTo(): number | undefined {
    return this.#rolledUpTo;
  }

  async slice(slice: Slice): Promise<AnsweredSlice> {
    const { main, beside } = await this.#answers(slice);
    const { groups, groupsTotal, rolledUpTo } = main;
    if (rolledUpTo !== undefined) {
      this.#rolledUpTo = Math.max(this.#rolledUpTo ?? rolledUpTo, rolledUpTo);
    }
    const compared = new Map(beside?.groups.map((group) => [textOfKey(group.key), group]));
    return {
      groups: groups.map((group) => ({
        key: group.key,
        main: group,
        compared: compared.get(textOfKey(group.key)),
      })),
      groupsTotal,
    };
  }

  /** Once, for what no answer of its own is made of. */
  ask(window: Window, aggregates: readonly Aggregate[], slice: Slice): Promise<BucketAnswer> {
    return this.#ask(window, { aggregates, slice }, this.reading.revisions);
  }

  async #answers(slice: Slice): Promise<SliceAnswers> {
    const { isWhole, revisions } = this.reading;
    // What is held whole is asked for again as a whole.
    if (isWhole) return this.#both(slice, revisions);
    const found = await ofOneRevision(this.reading, (each) => this.#both(slice, each));
    revisions.noteAll(found.revisions);
    return found.answer;
  }

  async #both(slice: Slice, revisions: AnsweredRevisions): Promise<SliceAnswers> {
    const { main, compared, question } = this.reading;
    const asked = { aggregates: question.aggregates, slice };
    return {
      main: await this.#ask(main, asked, revisions),
      beside: compared && (await this.#ask(compared, asked, revisions)),
    };
  }

  async #ask(
    { boundaries, before }: Window,
    asked: { readonly aggregates: readonly Aggregate[]; readonly slice: Slice },
    revisions: AnsweredRevisions,
  ): Promise<BucketAnswer> {
    const { room, call, question, profile } = this.reading;
    const query = {
      ...{ boundaries, before, ...asked },
      filter: question.filter,
      select: question.select,
      boundary: question.boundary,
      numbersMax: room.limits.analyticsNumbersMax,
    };
    const answer = profile.isAsked
      ? await room.series.query(call, { ...query, profiler: profile })
      : await profile.measure("engine", () => room.series.query(call, query));
    revisions.note(answer.revision);
    return answer;
  }
}

interface SliceAnswers {
  readonly main: BucketAnswer;
  readonly beside: BucketAnswer | undefined;
}

/** Unambiguous whatever is in the names. */
export const textOfKey = ({ paths, metric, unit }: GroupKey): string =>
  JSON.stringify([paths, metric, unit]);
