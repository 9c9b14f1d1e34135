import { accrue } from "../accrual.ts";
import type { BucketQuery } from "../analytics-store.ts";
import type { AskedGroups } from "./asked-groups.ts";
import type { Chunk } from "./chunk.ts";

/** Adds what accrues of a chunk to what there is before the first period, and in each. */
export function addAccrued(
  chunk: Chunk,
  { groups, query }: { readonly groups: AskedGroups; readonly query: BucketQuery },
  { base, change }: { readonly base: Float64Array; readonly change: Float64Array },
): void {
  const { slotOf, groupOf, keys } = groups;
  const periods = query.boundaries.length - 1;
  for (let at = 0; at < chunk.length; at++) {
    const cell = chunk.cells[at] as number;
    if ((slotOf[cell] as number) < keys.length) continue;
    if ((chunk.starts[at] as number) >= query.before) return;
    const group = groupOf[cell] as number;
    const accrual = chunk.extras.get(chunk.ids[at] as number)?.accrual;
    if (accrual === undefined) continue;
    const before = accrue(accrual, query, (period, amount) => {
      const place = group * periods + period;
      change[place] = (change[place] as number) + amount;
    });
    base[group] = (base[group] as number) + before;
  }
}
