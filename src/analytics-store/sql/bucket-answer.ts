import { limitExceeded } from "../../errors.ts";
import { accrue, vesting } from "../accrual.ts";
import type { Aggregate, BucketAnswer, BucketQuery, GroupColumns } from "../analytics-store.ts";
import { rolledUp } from "../rollup.ts";
import type { AskedCells } from "./asked-cells.ts";
import { percentilesOf } from "./bucket-columns.ts";
import type { BucketRows } from "./bucket-statement.ts";
import type { Past } from "./remembered-pasts.ts";
import type { VestingRow } from "./vesting-statement.ts";

/** A group while it is put together. */
interface Group {
  base: number;
  readonly change: Float64Array;
  readonly count: Float64Array;
  readonly aggregates: readonly Float64Array[];
}

/** Makes dense columns of the rows that the database answered. */
export class BucketColumns {
  readonly #query: BucketQuery;
  readonly #asked: AskedCells;
  readonly #periods: number;
  readonly #percentiles: readonly number[];
  readonly #groups = new Map<number, Group>();
  #rolledUpTo: number | undefined;

  constructor(
    query: BucketQuery,
    asked: AskedCells,
    { rows, past }: { readonly rows: BucketRows; readonly past: Past | undefined },
  ) {
    this.#query = query;
    this.#asked = asked;
    this.#periods = query.boundaries.length - 1;
    this.#percentiles = percentilesOf(query.aggregates);
    const cells = past === undefined ? [] : this.#cellsOf(past);
    const groups = new Set(rows.group);
    for (const cell of cells) groups.add(asked.groupOf[cell] as number);
    this.#refuseTooMany(groups.size);
    if (past !== undefined) this.#addPast(past, cells);
    for (let row = 0; row < rows.group.length; row++) this.#addRow(rows, row);
  }

  #cellsOf({ isThere }: Past): number[] {
    const { matches } = this.#asked;
    const cells: number[] = [];
    for (let cell = 0; cell < isThere.length; cell++) {
      if (isThere[cell] === 1 && matches[cell] === 1) cells.push(cell);
    }
    return cells;
  }

  #addPast({ sums, vested, rolledUpTo }: Past, cells: readonly number[]): void {
    const vesting = new Set(this.#asked.vesting);
    for (const cell of cells) {
      const group = this.#groupOf(this.#asked.groupOf[cell] as number);
      // What is not vested then is added series by series.
      group.base += (vesting.has(cell) ? vested : sums)[cell] as number;
      this.#noteRollup(rolledUpTo[cell] as number);
    }
  }

  addVesting(rows: readonly VestingRow[]): void {
    const { boundaries, boundary } = this.#query;
    for (const row of rows) {
      const group = this.#groupOf(this.#asked.groupOf[row.cell] as number);
      const end = Number(row.end);
      const cliff = row.cliff === null ? undefined : Number(row.cliff);
      const accrual = vesting(row.value, Number(row.start), { end, cliff });
      group.base += accrue(accrual, { boundaries, boundary }, (period, amount) => {
        group.change[period] = (group.change[period] as number) + amount;
      });
    }
  }

  answer(): Omit<BucketAnswer, "revision"> {
    const { keys } = this.#asked;
    const groups = [...this.#groups]
      .sort(([a], [b]) => a - b)
      .map(([number, { base, change, count, aggregates }]): GroupColumns => {
        const key = keys[number];
        if (key === undefined) throw new Error("a group without cells");
        return { key, base, change, count, aggregates };
      });
    return { groups, groupsTotal: keys.length, rolledUpTo: this.#rolledUpTo };
  }

  #addRow(rows: BucketRows, row: number): void {
    const group = this.#groupOf(rows.group[row] as number);
    const period = (rows.period[row] as number) - 1;
    if (period >= this.#periods) return;
    if ((rows.rollups[row] ?? 0) > 0) throw rolledUp();
    this.#noteRollup(rows.rolledUpTo[row] ?? Number.NaN);
    const sum = rows.sum[row] as number;
    if (period < 0) {
      group.base += sum;
      return;
    }
    group.change[period] = (group.change[period] as number) + sum;
    group.count[period] = rows.count[row] as number;
    for (const [index, aggregate] of this.#query.aggregates.entries()) {
      (group.aggregates[index] as Float64Array)[period] = this.#aggregateOf(aggregate, rows, row);
    }
  }

  #noteRollup(start: number): void {
    if (!Number.isNaN(start)) this.#rolledUpTo = Math.max(this.#rolledUpTo ?? start, start);
  }

  #aggregateOf(aggregate: Aggregate, rows: BucketRows, row: number): number {
    const count = rows.count[row] as number;
    if (aggregate.function === "count") return count;
    if (aggregate.function === "avg") return (rows.total[row] as number) / count;
    return this.#columnOf(aggregate, rows)?.[row] as number;
  }

  #columnOf(
    { function: of, percentile = 0 }: Aggregate,
    { least, most, first, last, percentiles }: BucketRows,
  ): Float64Array | undefined {
    const columns = { min: least, max: most, first, last };
    if (of === "count" || of === "avg") return undefined;
    return of === "percentile" ? percentiles[this.#percentiles.indexOf(percentile)] : columns[of];
  }

  #groupOf(number: number): Group {
    let group = this.#groups.get(number);
    if (group === undefined) {
      const { aggregates } = this.#query;
      const column = (filling = 0): Float64Array => new Float64Array(this.#periods).fill(filling);
      group = {
        base: 0,
        change: column(),
        count: column(),
        aggregates: aggregates.map(({ function: of }) => column(of === "count" ? 0 : Number.NaN)),
      };
      this.#groups.set(number, group);
    }
    return group;
  }

  #refuseTooMany(groups: number): void {
    const { aggregates, numbersMax } = this.#query;
    const numbers = groups * this.#periods * (2 + aggregates.length);
    if (numbers > numbersMax) throw limitExceeded("numbersMax", numbersMax, numbers);
  }
}
