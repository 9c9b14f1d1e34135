import { accrue } from "../accrual.ts";
import type { BucketQuery } from "../analytics-store.ts";
import type { AskedGroups } from "./asked-groups.ts";
import type { Chunk } from "./chunk.ts";
import type { StepColumns } from "./step-columns.ts";

/** Adds what accrues to the groups' own columns. */
export function addAccrued(
  chunk: Chunk,
  steps: StepColumns,
  { groups, query }: { readonly groups: AskedGroups; readonly query: BucketQuery },
): void {
  const { base, change } = steps;
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
