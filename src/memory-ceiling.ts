import { totalmem } from "node:os";
import { constrainedMemory } from "node:process";
import { getHeapStatistics } from "node:v8";

/** Half of what there is for the records: the rest is for the work itself. */
export const defaultMemoryBytes = (): number => Math.floor(memoryCeiling() / 2);

/** A quarter for the series in memory. */
export const defaultAnalyticsMemoryBytes = (): number => Math.floor(memoryCeiling() / 4);

/** The smaller of what the container may use and what V8's heap may grow to. */
function memoryCeiling(): number {
  // 0 or a number beyond the machine's memory: nothing constrains this process.
  const constrained = constrainedMemory();
  const container = constrained > 0 ? Math.min(constrained, totalmem()) : totalmem();
  return Math.min(container, getHeapStatistics().heap_size_limit);
}
