import { periodOf } from "../accrual.ts";
import type { BucketQuery } from "../analytics-store.ts";
import type { Chunk } from "./chunk.ts";
import { firstNotBelow } from "./sorted-search.ts";

/** Periods by their edges: each holds its first edge and not its last, whatever the query's boundary is. */
export interface Periods {
  readonly edges: Float64Array;
  readonly count: number;
  readonly before: number;
}

/** Rows [low, high) of a chunk. */
export interface RowRange {
  readonly low: number;
  readonly high: number;
}

/** Times are whole milliseconds: after an instant is at the next one or later. */
export function periodsOf({ boundaries, boundary, before }: BucketQuery): Periods {
  const edges =
    boundary === "left_open" ? boundaries.map((instant) => Math.floor(instant) + 1) : boundaries;
  return { edges, count: boundaries.length - 1, before };
}

/** The period in which all rows of the chunk begin: -1 before the first; undefined: there is no single one. */
export function onlyPeriod(chunk: Chunk, { edges, before }: Periods): number | undefined {
  if (chunk.latest >= before) return undefined;
  const period = periodOf(edges, chunk.earliest, "right_open");
  return chunk.latest < (edges[period + 1] ?? Number.POSITIVE_INFINITY) ? period : undefined;
}

/** Calls for each period in which rows of the chunk begin, in order; also for what is before the first, as -1. */
export function visitPeriods(
  { starts, length }: Chunk,
  { edges, count, before }: Periods,
  visit: (period: number, range: RowRange) => void,
): void {
  const end = firstNotBelow(starts, before, { high: length });
  let low = 0;
  while (low < end) {
    const period = periodOf(edges, starts[low] as number, "right_open");
    if (period >= count) return;
    const high = firstNotBelow(starts, edges[period + 1] as number, { low, high: end });
    visit(period, { low, high });
    low = high;
  }
}
