import { limitExceeded } from "../../errors.ts";
import { accrue, vesting } from "../accrual.ts";
import type { Aggregate, BucketAnswer, BucketQuery, GroupColumns } from "../analytics-store.ts";
import { rolledUp } from "../rollup.ts";
import type { AskedCells } from "./asked-cells.ts";
import { type BucketRow, percentilesOf, type VestingRow } from "./bucket-statement.ts";
import type { Past } from "./remembered-pasts.ts";

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
    { rows, past }: { readonly rows: readonly BucketRow[]; readonly past: Past | undefined },
  ) {
    this.#query = query;
    this.#asked = asked;
    this.#periods = query.boundaries.length - 1;
    this.#percentiles = percentilesOf(query.aggregates);
    const cells = past === undefined ? [] : this.#cellsOf(past);
    const groups = cells.map((cell) => asked.groupOf[cell] as number);
    this.#refuseTooMany(new Set([...groups, ...rows.map((row) => row.group)]).size);
    if (past !== undefined) this.#addPast(past, cells);
    for (const row of rows) this.#addRow(row);
  }

  #cellsOf({ isThere }: Past): number[] {
    const { matches } = this.#asked;
    return [...isThere.keys()].filter((cell) => isThere[cell] === 1 && matches[cell] === 1);
  }

  #addPast({ sums, rolledUpTo }: Past, cells: readonly number[]): void {
    const vesting = new Set(this.#asked.vesting);
    for (const cell of cells) {
      const group = this.#groupOf(this.#asked.groupOf[cell] as number);
      // What vests is added series by series.
      if (!vesting.has(cell)) group.base += sums[cell] as number;
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

  #addRow(row: BucketRow): void {
    const group = this.#groupOf(row.group);
    const period = row.period - 1;
    if (period >= this.#periods) return;
    this.#noteRollups(row);
    const sum = Number(row.sum ?? 0);
    if (period < 0) {
      group.base += sum;
      return;
    }
    group.change[period] = (group.change[period] as number) + sum;
    group.count[period] = Number(row.count);
    for (const [index, aggregate] of this.#query.aggregates.entries()) {
      (group.aggregates[index] as Float64Array)[period] = this.#aggregateOf(aggregate, row);
    }
  }

  #noteRollups({ rolled_up_to: upTo, rollups }: BucketRow): void {
    if (Number(rollups ?? 0) > 0) throw rolledUp();
    if (upTo != null) this.#noteRollup(Number(upTo));
  }

  #noteRollup(start: number): void {
    if (!Number.isNaN(start)) this.#rolledUpTo = Math.max(this.#rolledUpTo ?? start, start);
  }

  #aggregateOf({ function: of, percentile = 0 }: Aggregate, row: BucketRow): number {
    switch (of) {
      case "count":
        return Number(row.count);
      case "avg":
        return Number(row.total ?? row.sum) / Number(row.count);
      case "min":
        return row.least ?? Number.NaN;
      case "max":
        return row.most ?? Number.NaN;
      case "first":
        return row.first ?? Number.NaN;
      case "last":
        return row.last ?? Number.NaN;
      case "percentile":
        return row.percentiles?.[this.#percentiles.indexOf(percentile)] ?? Number.NaN;
    }
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
