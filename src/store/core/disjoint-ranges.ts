import type { Range } from "../key.ts";

/** The same keys, in ranges in order of which no two overlap: so that nothing is found in two of them. */
export function disjointRanges(ranges: readonly Range[]): Range[] {
  const disjoint: Range[] = [];
  for (const range of ranges.toSorted((a, b) => (a.start < b.start ? -1 : 1))) {
    const last = disjoint.at(-1);
    if (last === undefined || range.start >= last.end) disjoint.push(range);
    else if (range.end > last.end) disjoint.splice(-1, 1, { start: last.start, end: range.end });
  }
  return disjoint;
}
