import type { AskedGroups } from "./asked-groups.ts";
import type { Chunk } from "./chunk.ts";
import type { Periods } from "./period-ranges.ts";
import { firstNotBelow } from "./sorted-search.ts";

/** When the latest rollup of the groups begins that is in a period or before the first; undefined: there is none. */
export function latestRollup(
  chunks: readonly Chunk[],
  { rollupCells }: AskedGroups,
  { before, edges, count }: Periods,
): number | undefined {
  if (rollupCells === undefined) return undefined;
  const end = Math.min(before, edges[count] as number);
  for (const chunk of chunks.toReversed()) {
    const latest = chunk.mayHaveRollups ? latestOf(chunk, rollupCells, end) : undefined;
    if (latest !== undefined) return latest;
  }
  return undefined;
}

function latestOf(chunk: Chunk, isMeant: Uint8Array, end: number): number | undefined {
  let at = firstNotBelow(chunk.starts, end, { high: chunk.length }) - 1;
  while (at >= 0 && isMeant[chunk.cells[at] as number] === 0) at--;
  return at < 0 ? undefined : chunk.starts[at];
}
