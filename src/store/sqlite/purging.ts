import type { SizedRow } from "./commit-plan.ts";
import { type Done, fromBlob, type PurgeStep, toBlob } from "./wire.ts";
import type { OpenTransaction } from "./writer-transaction.ts";

/** Removes the first records of the range: so many, or fewer when they are large, so that no step holds up the writes for long. */
export function purgeSome(
  { statements, rootChanges }: OpenTransaction,
  { range, records }: PurgeStep,
): Done {
  const start = toBlob(range.start);
  let last: Uint8Array | undefined;
  let found = 0;
  let bytes = 0;
  let full = false;
  for (const row of statements.sizes.iterate(start, toBlob(range.end))) {
    const sized = row as unknown as SizedRow;
    full = found >= records || bytes >= bytesPerStep;
    if (full) break;
    rootChanges.add(fromBlob(sized.key), -1, -sized.bytes);
    found++;
    bytes += sized.bytes;
    last = sized.key;
  }
  if (last !== undefined) statements.removeThrough.run(start, last);
  return { done: !full && found < records };
}

const bytesPerStep = 8 * 1024 * 1024;
