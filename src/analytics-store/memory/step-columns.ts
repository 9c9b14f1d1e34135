import type { AskedGroups } from "./asked-groups.ts";
import type { Chunk } from "./chunk.ts";
import type { ChunkSummary } from "./chunk-summary.ts";
import { onlyPeriod, type Periods, type RowRange, visitPeriods } from "./period-ranges.ts";

/**
 * Values and numbers of rows by slot and period, and the values before the first: of everything as if it came at its start. What accrues has slots of
 * its own.
 */
export class StepColumns {
  readonly base: Float64Array;
  /** For the plan. */
  readonly looked = { summaries: 0, rows: 0 };
  /** By slot and period the sum of values and, next to it, the number of rows. */
  readonly #totals: Float64Array;
  /** The same of every other row: two rows for one place one after the other do not wait for each other. */
  readonly #otherTotals: Float64Array;
  /** By cell where its totals of the first period are, -1: nowhere. */
  readonly #placeOf: Int32Array;
  readonly #groups: AskedGroups;
  readonly #periods: Periods;

  constructor(groups: AskedGroups, periods: Periods) {
    this.#groups = groups;
    this.#periods = periods;
    this.base = new Float64Array(groups.slots);
    this.#totals = new Float64Array(2 * groups.slots * periods.count);
    this.#otherTotals = new Float64Array(this.#totals.length);
    this.#placeOf = placesOf(groups.slotOf, 2 * periods.count);
  }

  add(chunk: Chunk, summaryOf: (chunk: Chunk) => ChunkSummary | undefined): void {
    const period = onlyPeriod(chunk, this.#periods);
    if (period === undefined) {
      visitPeriods(chunk, this.#periods, (at, range) => this.#addRange(chunk, at, range));
      return;
    }
    if (period >= this.#periods.count) return;
    const summary = summaryOf(chunk);
    if (summary === undefined) {
      this.#addRange(chunk, period, { low: 0, high: chunk.length });
      return;
    }
    this.looked.summaries++;
    if (period < 0) this.#addSummaryBefore(chunk, summary);
    else this.#addSummary(summary, period);
  }

  /** What has accrued whole before the first period is a step like any other. */
  isSettled(chunk: Chunk): boolean {
    return chunk.accruedBy < (this.#periods.edges[0] as number) - 1;
  }

  /** By group and period the sum of values, without those that accrue. */
  changes(): Float64Array {
    return this.#column(0, this.#groups.keys.length);
  }

  /** By group and period how many series begin, whatever becomes of their values. */
  counts(): Float64Array {
    return this.#folded(this.#column(1, this.#groups.slots));
  }

  /** By group and period of their values; NaN where none begins. */
  averages(): Float64Array {
    const counts = this.counts();
    const sums = this.#folded(this.#column(0, this.#groups.slots));
    return sums.map((sum, place) => sum / (counts[place] as number));
  }

  #column(offset: 0 | 1, slots: number): Float64Array {
    const column = new Float64Array(slots * this.#periods.count);
    for (let place = 0; place < column.length; place++) {
      const from = 2 * place + offset;
      column[place] = (this.#totals[from] as number) + (this.#otherTotals[from] as number);
    }
    return column;
  }

  /** What is in the slots apart is added to the groups' own. */
  #folded(column: Float64Array): Float64Array {
    const places = this.#groups.keys.length * this.#periods.count;
    for (let place = places; place < column.length; place++) {
      column[place - places] = (column[place - places] as number) + (column[place] as number);
    }
    return column.subarray(0, places);
  }

  #addSummaryBefore(chunk: Chunk, { cells, sums }: ChunkSummary): void {
    const slotOf = this.#slotBefore(chunk);
    const { base } = this;
    for (let at = 0; at < cells.length; at++) {
      const slot = slotOf[cells[at] as number] as number;
      if (slot >= 0) base[slot] = (base[slot] as number) + (sums[at] as number);
    }
  }

  #addSummary({ cells, sums, counts }: ChunkSummary, period: number): void {
    const totals = this.#totals;
    const { slotOf } = this.#groups;
    const periods = this.#periods.count;
    for (let at = 0; at < cells.length; at++) {
      const slot = slotOf[cells[at] as number] as number;
      if (slot < 0) continue;
      const place = 2 * (slot * periods + period);
      totals[place] = (totals[place] as number) + (sums[at] as number);
      totals[place + 1] = (totals[place + 1] as number) + (counts[at] as number);
    }
  }

  #addRange(chunk: Chunk, period: number, range: RowRange): void {
    this.looked.rows += range.high - range.low;
    if (period < 0) {
      this.#addRowsBefore(chunk, range);
      return;
    }
    this.#addRows(chunk, period, range);
    if (this.#groups.rollupCells !== undefined && chunk.extras.size > 0) {
      this.#countParts(chunk, period, range);
    }
  }

  #addRowsBefore(chunk: Chunk, { low, high }: RowRange): void {
    const slotOf = this.#slotBefore(chunk);
    const { cells, values } = chunk;
    const { base } = this;
    for (let at = low; at < high; at++) {
      const slot = slotOf[cells[at] as number] as number;
      if (slot >= 0) base[slot] = (base[slot] as number) + (values[at] as number);
    }
  }

  #addRows({ cells, values }: Chunk, period: number, { low, high }: RowRange): void {
    const placeOf = this.#placeOf;
    const totals = this.#totals;
    const otherTotals = this.#otherTotals;
    const column = 2 * period;
    const pairsEnd = high - ((high - low) % 2);
    for (let at = low; at < pairsEnd; at += 2) {
      const place = (placeOf[cells[at] as number] as number) + column;
      const other = (placeOf[cells[at + 1] as number] as number) + column;
      if (place >= column) {
        totals[place] = (totals[place] as number) + (values[at] as number);
        totals[place + 1] = (totals[place + 1] as number) + 1;
      }
      if (other >= column) {
        otherTotals[other] = (otherTotals[other] as number) + (values[at + 1] as number);
        otherTotals[other + 1] = (otherTotals[other + 1] as number) + 1;
      }
    }
    for (let at = pairsEnd; at < high; at++) {
      const place = (placeOf[cells[at] as number] as number) + column;
      if (place < column) continue;
      totals[place] = (totals[place] as number) + (values[at] as number);
      totals[place + 1] = (totals[place + 1] as number) + 1;
    }
  }

  #countParts({ cells, ids, extras }: Chunk, period: number, { low, high }: RowRange): void {
    const { slotOf } = this.#groups;
    for (let at = low; at < high; at++) {
      const slot = slotOf[cells[at] as number] as number;
      const parts = slot < 0 ? undefined : extras.get(ids[at] as number)?.parts;
      if (parts === undefined) continue;
      const place = 2 * (slot * this.#periods.count + period) + 1;
      this.#totals[place] = (this.#totals[place] as number) + parts.count - 1;
    }
  }

  #slotBefore(chunk: Chunk): Int32Array {
    return this.isSettled(chunk) ? this.#groups.groupOf : this.#groups.slotOf;
  }
}

/** A loop, as this is a good part of a small query, and `map` takes several times as long. */
function placesOf(slotOf: Int32Array, places: number): Int32Array {
  const placeOf = new Int32Array(slotOf.length);
  for (let cell = 0; cell < slotOf.length; cell++) {
    const slot = slotOf[cell] as number;
    placeOf[cell] = slot < 0 ? -1 : slot * places;
  }
  return placeOf;
}
