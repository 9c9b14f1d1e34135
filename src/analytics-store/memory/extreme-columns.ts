import type { RollupParts } from "../series.ts";
import type { AskedGroups } from "./asked-groups.ts";
import type { Chunk } from "./chunk.ts";
import { type Periods, type RowRange, visitPeriods } from "./period-ranges.ts";
import { singlePart } from "./row.ts";

/** By group and period the least, the greatest, the first and the last value of the rows that begin there; NaN where none does. */
export class ExtremeColumns {
  readonly min: Float64Array;
  readonly max: Float64Array;
  readonly first: Float64Array;
  readonly last: Float64Array;
  /** When the first one begins, and its rank among those that begin then. */
  readonly #firstStarts: Float64Array;
  readonly #firstRanks: Float64Array;
  /** When the last one begins that is no rollup. */
  readonly #lastStarts: Float64Array;
  readonly #groups: AskedGroups;
  readonly #periods: Periods;

  constructor(groups: AskedGroups, periods: Periods) {
    const places = groups.keys.length * periods.count;
    const column = (): Float64Array => new Float64Array(places).fill(Number.NaN);
    this.#groups = groups;
    this.#periods = periods;
    this.min = column();
    this.max = column();
    this.first = column();
    this.last = column();
    this.#firstStarts = column();
    this.#firstRanks = column();
    this.#lastStarts = column();
  }

  /** Chunks come in order. */
  add(chunk: Chunk): void {
    visitPeriods(chunk, this.#periods, (period, range) => {
      if (period >= 0) this.#addRange(chunk, period, range);
    });
  }

  #addRange(chunk: Chunk, period: number, { low, high }: RowRange): void {
    const { cells, values, ids, starts } = chunk;
    const { groupOf, rollupCells } = this.#groups;
    const periods = this.#periods.count;
    const isRollup = chunk.mayHaveRollups ? rollupCells : undefined;
    for (let at = low; at < high; at++) {
      const group = groupOf[cells[at] as number] as number;
      if (group < 0) continue;
      const place = group * periods + period;
      const start = starts[at] as number;
      const value = values[at] as number;
      if (isRollup?.[cells[at] as number] === 1) {
        const id = ids[at] as number;
        const parts = chunk.extras.get(id)?.parts ?? singlePart(start, value);
        this.#addParts(place, parts, { start, id });
        continue;
      }
      this.#addExtremes(place, value, value);
      this.last[place] = value;
      this.#lastStarts[place] = start;
      // Most rows are later than what is there: to ask that first is what keeps this fast.
      if ((this.#firstStarts[place] as number) < start) continue;
      this.#addFirst(place, value, { start, rank: ids[at] as number });
    }
  }

  /** Of what begins at one instant rollups come first: they are made of what was before those that were kept. */
  #addParts(
    place: number,
    { min, max, first, last, firstStart }: RollupParts,
    { start, id }: { readonly start: number; readonly id: number },
  ): void {
    this.#addExtremes(place, min, max);
    if (this.#lastStarts[place] !== start) this.last[place] = last;
    this.#addFirst(place, first, { start: firstStart, rank: id - Number.MAX_SAFE_INTEGER });
  }

  #addExtremes(place: number, min: number, max: number): void {
    // NaN is neither: what is not below or above it takes its place.
    if (!((this.min[place] as number) <= min)) this.min[place] = min;
    if (!((this.max[place] as number) >= max)) this.max[place] = max;
  }

  #addFirst(
    place: number,
    value: number,
    { start, rank }: { readonly start: number; readonly rank: number },
  ): void {
    const first = this.#firstStarts[place] as number;
    if (first < start || (first === start && (this.#firstRanks[place] as number) < rank)) return;
    this.first[place] = value;
    this.#firstStarts[place] = start;
    this.#firstRanks[place] = rank;
  }
}
