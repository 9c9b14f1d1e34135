import type { RollupParts } from "../series.ts";
import type { AskedGroups } from "./asked-groups.ts";
import type { Chunk } from "./chunk.ts";
import { type Periods, type RowRange, visitPeriods } from "./period-ranges.ts";
import { rankOfRollups, singlePart } from "./row.ts";

/** By group and period the least, the greatest, the first and the last value of the rows that begin there; NaN where none does. */
export class ExtremeColumns {
  readonly min: Float64Array;
  readonly max: Float64Array;
  readonly first: Float64Array;
  readonly last: Float64Array;
  /** When the first one begins, and its rank among those that begin then: a rollup's, or its id. */
  readonly #firstStarts: Float64Array;
  readonly #firstRanks: Float64Array;
  /** When the last one begins that is no rollup, and when that begins that is one. */
  readonly #lastStarts: Float64Array;
  readonly #lastRollupStarts: Float64Array;
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
    this.#lastRollupStarts = column();
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
        const parts = chunk.extras.get(ids[at] as number)?.parts ?? singlePart(start, value);
        this.#addParts(place, parts, start);
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
    start: number,
  ): void {
    this.#addExtremes(place, min, max);
    this.#addFirst(place, first, { start: firstStart, rank: rankOfRollups });
    if (this.#lastStarts[place] === start) return;
    // Of several rollups nobody knows which of them was last: it is to be the same one everywhere, whatever their ids are.
    const isTied = this.#lastRollupStarts[place] === start;
    this.last[place] = isTied ? Math.max(this.last[place] as number, last) : last;
    this.#lastRollupStarts[place] = start;
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
    const firstRank = this.#firstRanks[place] as number;
    if (first < start || (first === start && firstRank < rank)) return;
    const isTied = first === start && firstRank === rank;
    this.first[place] = isTied ? Math.min(this.first[place] as number, value) : value;
    this.#firstStarts[place] = start;
    this.#firstRanks[place] = rank;
  }
}
