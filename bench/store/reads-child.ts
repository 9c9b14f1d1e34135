/**
 * Times reads of a filled file, by the store and by node:sqlite alone, each in turn, in a process of its own:
 * `node reads-child.ts STORE-FILE RAW-FILE ENTRIES ROUNDS`, answers in JSON.
 */
import { historyBytes, openBenchSpace, placesOf } from "./bench-space.ts";
import { getAlone, getAsRoom, listAsRoom, type Operation, operands } from "./operations.ts";
import { sameRandom } from "./random.ts";
import { RawDatabase } from "./raw-database.ts";
import { type Timed, timed } from "./timed.ts";

interface Step {
  readonly name: string;
  readonly count: number;
  readonly store: Operation;
  raw(name: string): unknown;
}

const [storeFile = "", rawFile = "", ...numbers] = process.argv.slice(2);
const [entryCount, rounds] = numbers.map(Number) as [number, number];
const random = sameRandom();
const space = await openBenchSpace(`sqlite:${storeFile}`, historyBytes);
const raw = new RawDatabase(rawFile, placesOf(space));

const steps: readonly Step[] = [
  { name: "get", count: 5_000, store: getAsRoom(space), raw: (name) => raw.get(name) },
  {
    name: "get, one key alone",
    count: 5_000,
    store: getAlone(space),
    raw: (name) => raw.getAlone(name),
  },
  { name: "list of 100", count: 500, store: listAsRoom(space), raw: (name) => raw.list(name, 100) },
];
const warmUpRounds = 3;
const results: Record<string, { store: Timed[]; raw: Timed[] }> = {};
for (const { name } of steps) results[name] = { store: [], raw: [] };
for (let round = -warmUpRounds; round < rounds; round++) {
  for (const step of steps) {
    const { names } = operands(
      Array.from({ length: step.count }, () => Math.floor(random() * entryCount)),
    );
    const store = await timed(step.count, async () => {
      for (const name of names) await step.store(name, "");
    });
    const alone = await timed(step.count, async () => {
      for (const name of names) step.raw(name);
    });
    if (round < 0) continue;
    results[step.name]?.store.push(store);
    results[step.name]?.raw.push(alone);
  }
}
raw.close();
await space.store.close();
console.log(JSON.stringify(results));
