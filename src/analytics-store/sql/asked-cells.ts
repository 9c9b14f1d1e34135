import type { BucketQuery, GroupKey } from "../analytics-store.ts";
import type { Cells } from "../cells.ts";

/** Which cells a query is of, and what is special about some of them. */
export interface AskedCells {
  /** By cell its group, -1: none. */
  readonly groupOf: Int32Array;
  /** Of all groups there may be, not only those of the slice. */
  readonly keys: readonly GroupKey[];
  readonly matches: Uint8Array;
  readonly vesting: readonly number[];
  readonly hasRollups: boolean;
}

export function askedCells(cells: Cells, { filter, select, slice }: BucketQuery): AskedCells {
  const all = cells.matching({ ...filter, select: [...(filter.select ?? []), ...select] });
  const { groupOf, keys } = cells.grouping(all, select);
  const from = slice?.from ?? 0;
  const until = from + (slice?.count ?? keys.length);
  const matches = new Uint8Array(groupOf.length);
  const vesting: number[] = [];
  let hasRollups = false;
  // By number: iterators take as long as all else here.
  for (let cell = 0; cell < groupOf.length; cell++) {
    const group = groupOf[cell] as number;
    if (group < from || group >= until) {
      groupOf[cell] = -1;
      continue;
    }
    matches[cell] = 1;
    const fn = cells.fnOf(cell);
    if (fn === "DssVest") vesting.push(cell);
    if (fn === "Rollup") hasRollups = true;
  }
  return { groupOf, keys, matches, vesting, hasRollups };
}
