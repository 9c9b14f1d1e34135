/** What a key costs in memory, in a process of its own: `node --expose-gc memory-child.ts KEYS`, answers in JSON. */
import { fill, openBenchSpace } from "../store/bench-space.ts";

const keys = Number(process.argv[2]);
const historyBytes = 2 ** 20;
const space = await openBenchSpace("memory:", historyBytes);
// Some come and go first, so that what is compiled and allocated once is not counted as the keys'.
await fill(space, 1_000);
const before = held();
await fill(space, keys);
const after = held();
const perKey = (after.heldBytes - before.heldBytes) / (keys - 1_000);
const residentPerKey = (after.residentBytes - before.residentBytes) / (keys - 1_000);
await space.store.close();
console.log(JSON.stringify({ perKey, residentPerKey }));

function held(): { heldBytes: number; residentBytes: number } {
  for (let time = 0; time < 3; time++) globalThis.gc?.();
  const { heapUsed, external, rss } = process.memoryUsage();
  return { heldBytes: heapUsed + external, residentBytes: rss };
}
