/**
 * Overwrites entries of a filled file by so many writers at once, by the store and by node:sqlite alone, each in turn,
 * in a process of its own: `node puts-child.ts STORE-FILE RAW-FILE ENTRIES ROUNDS`, answers in JSON.
 */
import { historyBytes, openBenchSpace, placesOf } from "./bench-space.ts";
import { type LoopDelay, whileWatchingLoop } from "./loop-delay.ts";
import { operands, setAsRoom } from "./operations.ts";
import { sameRandom } from "./random.ts";
import { RawDatabase, type RawPut } from "./raw-database.ts";
import { type Timed, timed } from "./timed.ts";

interface Lap extends Timed {
  /** Of a lap of the store; node:sqlite alone holds the loop all the time. */
  readonly delay?: LoopDelay;
}

const [storeFile = "", rawFile = "", ...numbers] = process.argv.slice(2);
const [entryCount, rounds] = numbers.map(Number) as [number, number];
const random = sameRandom();
const space = await openBenchSpace(`sqlite:${storeFile}`, historyBytes);
const raw = new RawDatabase(rawFile, placesOf(space));
const set = setAsRoom(space);
/** Puts of a lap for each number of writers: half a second or so. */
const laps = new Map([
  [1, 500],
  [16, 3_200],
  [256, 10_240],
]);
/** One by one a lap of them all would take seconds, and says no more. */
const countAlone = 500;

const results: Record<string, Lap[]> = {};
const warmUpRounds = 2;
for (let round = -warmUpRounds; round < rounds; round++) {
  for (const [writers, count] of laps) {
    const puts = randomPuts(count);
    const laps: Record<string, Lap> = {
      [`${writers}: store`]: await byStore(puts, writers),
      [`${writers}: raw`]: await timed(countAlone, async () => {
        for (const put of puts.slice(0, countAlone)) raw.put([put]);
      }),
      [`${writers}: raw, grouped`]: await timed(count, async () => {
        for (let at = 0; at < count; at += writers) raw.put(puts.slice(at, at + writers));
      }),
    };
    if (round < 0) continue;
    for (const [name, lap] of Object.entries(laps)) results[name] = [...(results[name] ?? []), lap];
  }
}
raw.close();
await space.store.close();
console.log(JSON.stringify(results));

/** Each writer sends its next put when the one before is answered. */
async function byStore(puts: readonly RawPut[], writers: number): Promise<Lap> {
  let next = 0;
  const writer = async (): Promise<void> => {
    for (let put = puts[next++]; put !== undefined; put = puts[next++]) {
      await set(put.name, put.value);
    }
  };
  const { result, delay } = await whileWatchingLoop(() =>
    timed(puts.length, async () => {
      await Promise.all(Array.from({ length: writers }, writer));
    }),
  );
  return { ...result, delay };
}

function randomPuts(count: number): RawPut[] {
  const indexes = Array.from({ length: count }, () => Math.floor(random() * entryCount));
  const { names, values } = operands(indexes);
  return names.map((name, at) => ({ name, value: values[at] as string }));
}
