import { accrue, periodOf, vesting } from "../accrual.ts";
import type { Aggregate, BucketQuery, GroupColumns, GroupKey } from "../analytics-store.ts";
import { percentileOf } from "../percentile.ts";
import { rolledUp } from "./rolled-up.ts";
import { partsOf, type Row } from "./row.ts";

/** A group's numbers while they are added up. */
export class BucketColumns {
  readonly #query: BucketQuery;
  readonly #rows: Row[][];
  readonly #change: Float64Array;
  #base = 0;

  constructor(query: BucketQuery) {
    const periods = query.boundaries.length - 1;
    this.#query = query;
    this.#change = new Float64Array(periods);
    this.#rows = Array.from({ length: periods }, () => []);
  }

  /** Rows come by start and id. */
  add(row: Row, isVesting: boolean): void {
    const { boundaries, boundary } = this.#query;
    const period = periodOf(boundaries, row.start, boundary);
    this.#rows[period]?.push(row);
    if (isVesting) {
      const end = row.extra?.end as number;
      const accrual = vesting(row.value, row.start, { end, cliff: row.extra?.cliff });
      this.#base += accrue(accrual, { boundaries, boundary }, (at, amount) => {
        this.#change[at] = (this.#change[at] as number) + amount;
      });
      return;
    }
    if (period < 0) this.#base += row.value;
    else if (period < this.#change.length) {
      this.#change[period] = (this.#change[period] as number) + row.value;
    }
  }

  columns(key: GroupKey): GroupColumns {
    return {
      key,
      base: this.#base,
      change: this.#change,
      count: this.#column(countOf),
      aggregates: this.#query.aggregates.map((aggregate) =>
        this.#column((rows) => aggregateOf(aggregate, rows)),
      ),
    };
  }

  #column(of: (rows: readonly Row[]) => number): Float64Array {
    return Float64Array.from(this.#rows, of);
  }
}

const countOf = (rows: readonly Row[]): number =>
  rows.reduce((count, row) => count + partsOf(row).count, 0);

function aggregateOf(aggregate: Aggregate, rows: readonly Row[]): number {
  const parts = rows.map(partsOf);
  switch (aggregate.function) {
    case "count":
      return countOf(rows);
    case "avg":
      return rows.reduce((sum, { value }) => sum + value, 0) / countOf(rows);
    case "min":
      return parts.length === 0
        ? Number.NaN
        : parts.reduce((least, { min }) => Math.min(least, min), Number.POSITIVE_INFINITY);
    case "max":
      return parts.length === 0
        ? Number.NaN
        : parts.reduce((most, { max }) => Math.max(most, max), Number.NEGATIVE_INFINITY);
    case "first":
      return firstOf(rows);
    case "last":
      return parts.at(-1)?.last ?? Number.NaN;
    case "percentile":
      if (rows.some(({ extra }) => extra?.parts !== undefined)) throw rolledUp();
      return percentileOf(
        Float64Array.from(rows, ({ value }) => value).sort(),
        aggregate.percentile ?? 0,
      );
  }
}

function firstOf(rows: readonly Row[]): number {
  const starts = (row: Row): number => partsOf(row).firstStart;
  const first = rows.toSorted((a, b) => starts(a) - starts(b) || a.id - b.id)[0];
  return first === undefined ? Number.NaN : partsOf(first).first;
}
