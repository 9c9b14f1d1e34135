import { percentileOf } from "../percentile.ts";
import type { AskedGroups } from "./asked-groups.ts";
import type { Chunk } from "./chunk.ts";
import { type Periods, type RowRange, visitPeriods } from "./period-ranges.ts";

/** The values of the rows themselves, by group and period, for percentiles. */
export class SingleValues {
  /** Where the values of each group and period begin, and where the last end. */
  readonly #begins: Uint32Array;
  readonly #values: Float64Array;
  readonly #groups: AskedGroups;
  readonly #periods: Periods;

  /** `count`: how many values there will be by group and period. */
  constructor(groups: AskedGroups, periods: Periods, count: Float64Array) {
    this.#groups = groups;
    this.#periods = periods;
    this.#begins = new Uint32Array(count.length + 1);
    for (let place = 0; place < count.length; place++) {
      this.#begins[place + 1] = (this.#begins[place] as number) + (count[place] as number);
    }
    this.#values = new Float64Array(this.#begins.at(-1) as number);
  }

  /** Takes the values of all chunks, and puts those of each group and period in order. */
  fill(chunks: readonly Chunk[]): void {
    const next = this.#begins.slice();
    for (const chunk of chunks) {
      visitPeriods(chunk, this.#periods, (period, range) => {
        if (period >= 0) this.#addRange(chunk, { ...range, period }, next);
      });
    }
    for (let place = 0; place + 1 < this.#begins.length; place++) this.#at(place).sort();
  }

  percentiles(percentile: number): Float64Array {
    const places = this.#begins.length - 1;
    return Float64Array.from({ length: places }, (_, place) =>
      percentileOf(this.#at(place), percentile),
    );
  }

  #addRange(
    { cells, values }: Chunk,
    { low, high, period }: RowRange & { readonly period: number },
    next: Uint32Array,
  ): void {
    const { groupOf } = this.#groups;
    const periods = this.#periods.count;
    for (let at = low; at < high; at++) {
      const group = groupOf[cells[at] as number] as number;
      if (group < 0) continue;
      const place = group * periods + period;
      const to = next[place] as number;
      this.#values[to] = values[at] as number;
      next[place] = to + 1;
    }
  }

  #at(place: number): Float64Array {
    return this.#values.subarray(this.#begins[place], this.#begins[place + 1]);
  }
}
