import type { GroupColumns } from "../analytics-store/analytics-store.ts";
import type { GroupBatch } from "./group-batches.ts";

/** The periods in which a series begins or something changes, in any group, in the range or in the one beside it. */
export async function keptPeriods(
  periods: number,
  batches: AsyncIterable<GroupBatch> | Iterable<GroupBatch>,
): Promise<number[]> {
  const isKept = new Uint8Array(periods);
  for await (const { groups } of batches) {
    for (const { main, compared } of groups) {
      mark(isKept, main);
      if (compared !== undefined) mark(isKept, compared);
    }
  }
  return Array.from(isKept.keys()).filter((period) => isKept[period] === 1);
}

function mark(isKept: Uint8Array, { count, change }: GroupColumns): void {
  for (let period = 0; period < change.length; period++) {
    if (count[period] !== 0 || change[period] !== 0) isKept[period] = 1;
  }
}
