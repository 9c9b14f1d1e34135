/**
 * Reads all of a filled file at one revision, by a snapshot of the store and by node:sqlite alone, each in turn:
 * `node scan-child.ts STORE-FILE RAW-FILE ENTRIES ROUNDS`, answers in JSON.
 */
import { within } from "../../src/store/key.ts";
import { historyBytes, openBenchSpace, placesOf } from "./bench-space.ts";
import { type LoopDelay, whileWatchingLoop } from "./loop-delay.ts";
import { RawDatabase } from "./raw-database.ts";
import { type Timed, timed } from "./timed.ts";

const [storeFile = "", rawFile = "", ...numbers] = process.argv.slice(2);
const [entryCount, rounds] = numbers.map(Number) as [number, number];
const pageSize = 1_000;
const space = await openBenchSpace(`sqlite:${storeFile}`, historyBytes);
const raw = new RawDatabase(rawFile, placesOf(space));

const results: { store: (Timed & { delay: LoopDelay })[]; raw: Timed[] } = { store: [], raw: [] };
for (let round = -1; round < rounds; round++) {
  const { result, delay } = await whileWatchingLoop(() => timed(entryCount, scanStore));
  const alone = await timed(entryCount, async () => assertAll(raw.scan(pageSize)));
  if (round < 0) continue;
  results.store.push({ ...result, delay });
  results.raw.push(alone);
}
raw.close();
await space.store.close();
console.log(JSON.stringify(results));

async function scanStore(): Promise<void> {
  const snapshot = await space.store.snapshot();
  const range = within(space.entries);
  let count = 0;
  let after = {};
  for (;;) {
    const { entries, next } = await snapshot.page(range, { limit: pageSize, ...after });
    count += entries.length;
    if (next === undefined) break;
    after = { after: next };
    // As a stream does that sends each page: the calls that came meanwhile have their turn.
    await new Promise((resolve) => setImmediate(resolve));
  }
  snapshot.close();
  assertAll(count);
}

function assertAll(count: number): void {
  if (count !== entryCount) throw new Error(`the scan found ${count} of ${entryCount} entries`);
}
