import { TiffinError } from "../../errors.ts";
import type { Cells } from "../cells.ts";
import type { AskedGroups } from "./asked-groups.ts";
import type { Chunk } from "./chunk.ts";
import type { Periods } from "./period-ranges.ts";
import { firstNotBelow } from "./sorted-search.ts";

/** When the latest rollup of the groups begins that is in a period or before the first; undefined: there is none. */
export function latestRollup(
  chunks: readonly Chunk[],
  { groupOf, mayBeRolledUp }: AskedGroups,
  { cells, periods }: { readonly cells: Cells; readonly periods: Periods },
): number | undefined {
  if (!mayBeRolledUp) return undefined;
  const end = Math.min(periods.before, periods.edges[periods.count] as number);
  const isRollup = groupOf.map((group, cell) =>
    group >= 0 && cells.fnOf(cell) === "Rollup" ? 1 : 0,
  );
  for (const chunk of chunks.toReversed()) {
    if (!chunk.hasRollups || chunk.earliest >= end) continue;
    let at = firstNotBelow(chunk.starts, end, { high: chunk.length }) - 1;
    while (at >= 0 && isRollup[chunk.cells[at] as number] === 0) at--;
    if (at >= 0) return chunk.starts[at];
  }
  return undefined;
}

/** What is answered to percentiles where a rollup begins. */
export const rolledUp = (): TiffinError =>
  new TiffinError(
    "rolled_up",
    "a percentile is asked for of series that retention rolled up: their single values are gone",
  );
