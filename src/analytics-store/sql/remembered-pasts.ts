import { sql } from "kysely";
import { LRUCache } from "lru-cache";
import type { SeriesRevision } from "../analytics-store.ts";
import type { TenantWork } from "./tenant-database.ts";
import { isVested } from "./vesting-statement.ts";

/** By cell, what begins before an instant. Cells that are not in the arrays have nothing. */
export interface Past {
  readonly before: number;
  readonly sums: Float64Array;
  /** Of what vests, only what is vested before the instant. */
  readonly vested: Float64Array;
  readonly isThere: Uint8Array;
  /** The latest start of a rollup, NaN: there is none. */
  readonly rolledUpTo: Float64Array;
}

interface Remembered {
  readonly past: Past;
  /** It holds for all revisions from this one ... */
  readonly since: SeriesRevision;
  /** ... to this one, as far as is known. */
  until: SeriesRevision;
  /** Whether it was of use again after it was made. */
  isUsed: boolean;
}

/**
 * Sums of what began before some month, so that a long past is not added up by every query. They hold until a commit changes something before that
 * month: commits say how far back they reach, those of other processes too.
 */
export class RememberedPasts {
  readonly #pasts = new LRUCache<number, Remembered>({ max: monthsMax });
  /** Months whose past changed before it was of use: the next query does without. */
  readonly #changing = new Set<number>();

  readonly #seriesMin: number;

  constructor(seriesMin: number) {
    this.#seriesMin = seriesMin;
  }

  /** Undefined: not worth it, or not to be had; everything is to be read. */
  async before(work: TenantWork, first: number): Promise<Past | undefined> {
    if (work.row.series < this.#seriesMin) return undefined;
    const month = startOfMonth(first);
    if (Number.isNaN(month) || this.#changing.delete(month)) return undefined;
    const remembered = this.#pasts.get(month);
    if (remembered === undefined) return this.#made(work, month);
    if (work.row.revision < remembered.since) return undefined;
    if (await holds(work, remembered)) {
      remembered.isUsed = true;
      return remembered.past;
    }
    this.#pasts.delete(month);
    if (remembered.isUsed) return this.#made(work, month);
    this.#changing.add(month);
    return undefined;
  }

  async #made(work: TenantWork, month: number): Promise<Past> {
    const { statements, row, known } = work;
    const rows = await statements.rows(sql<PastRow>`select cell, sum(value) as sum,
        coalesce(sum(value) filter (where ${isVested(month)}), 0) as vested,
        max(start) filter (where parts is not null) as rolled_up_to
      from tiffin_analytics.series where tenant = ${row.id} and start < ${month}::bigint group by cell`);
    const { size } = known.cells;
    const past = {
      before: month,
      sums: new Float64Array(size),
      vested: new Float64Array(size),
      isThere: new Uint8Array(size),
      rolledUpTo: new Float64Array(size).fill(Number.NaN),
    };
    for (const { cell, sum, vested, rolled_up_to: upTo } of rows) {
      past.sums[cell] = sum;
      past.vested[cell] = vested;
      past.isThere[cell] = 1;
      if (upTo !== null) past.rolledUpTo[cell] = Number(upTo);
    }
    const { revision } = row;
    this.#pasts.set(month, { past, since: revision, until: revision, isUsed: false });
    return past;
  }
}

/** Whether no commit since changed what began before. */
async function holds({ statements, row }: TenantWork, remembered: Remembered): Promise<boolean> {
  const { until, past } = remembered;
  if (row.revision <= until) return true;
  if (row.forgotten > until) return false;
  const found = await statements.first(sql<{ revision: unknown }>`
    select revision from tiffin_analytics.commit where tenant = ${row.id}
      and revision > ${until}::bigint and first_start < ${past.before}::bigint limit 1`);
  if (found !== undefined) return false;
  remembered.until = Math.max(remembered.until, row.revision);
  return true;
}

interface PastRow {
  readonly cell: number;
  readonly sum: number;
  readonly vested: number;
  readonly rolled_up_to: unknown;
}

/** Queries of one month, and those that move on day by day, share one past. */
function startOfMonth(at: number): number {
  const date = new Date(at);
  date.setUTCDate(1);
  return date.setUTCHours(0, 0, 0, 0);
}

const monthsMax = 4;
