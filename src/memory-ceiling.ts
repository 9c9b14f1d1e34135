import { totalmem } from "node:os";
import { constrainedMemory } from "node:process";
import { getHeapStatistics } from "node:v8";

/** Half of the smaller of what the container may use and what V8's heap may grow to: the rest is for the work itself. */
export function defaultMemoryBytes(): number {
  // 0 or a number beyond the machine's memory: nothing constrains this process.
  const constrained = constrainedMemory();
  const container = constrained > 0 ? Math.min(constrained, totalmem()) : totalmem();
  return Math.floor(Math.min(container, getHeapStatistics().heap_size_limit) / 2);
}
