/** What the lock costs, free and fought over, in a process of its own: `node locks-child.ts ROUNDS`, answers in JSON. */
import { systemClock } from "../../src/clock.ts";
import { KeyedLocks } from "../../src/store/decorators/keyed-locks.ts";
import { type Key, key } from "../../src/store/key.ts";
import { timed } from "../store/timed.ts";

/** Runs the work while nobody else runs work under the key. */
type Exclusive = (target: Key, work: () => Promise<void>) => Promise<void>;

const rounds = Number(process.argv[2]);
const contenders: Record<string, Exclusive> = {
  "no lock": (_target, work) => work(),
  "promise chain": promiseChain(),
  "keyed lock": keyedLock(),
};
const keys = Array.from({ length: 10_000 }, (_, index) => key("lock", index));
const one = keys[0] as Key;
const callers = 64;
const turns = 1_000;

const results: Record<string, { free: number[]; contended: number[] }> = {};
for (const name of Object.keys(contenders)) results[name] = { free: [], contended: [] };
for (let round = -3; round < rounds; round++) {
  for (const [name, exclusive] of Object.entries(contenders)) {
    const free = await timed(keys.length, () => oneByOne(exclusive));
    const contended = await timed(callers * turns, () => together(exclusive));
    if (round < 0) continue;
    results[name]?.free.push(free.cpuMicros * 1000);
    results[name]?.contended.push(contended.cpuMicros * 1000);
  }
}
console.log(JSON.stringify(results));

/** One caller, one key after the other: nobody ever waits. */
async function oneByOne(exclusive: Exclusive): Promise<void> {
  for (const target of keys) await exclusive(target, work);
}

/** All callers want the same key, again and again. */
async function together(exclusive: Exclusive): Promise<void> {
  await Promise.all(
    Array.from({ length: callers }, async () => {
      for (let turn = 0; turn < turns; turn++) await exclusive(one, work);
    }),
  );
}

/** As little as an update can be: it waits once. */
async function work(): Promise<void> {
  await undefined;
}

/** The common idiom: each waits for the promise of the one before. */
function promiseChain(): Exclusive {
  const tails = new Map<Key, Promise<void>>();
  return (target, work) => {
    const tail = (tails.get(target) ?? Promise.resolve()).then(work);
    tails.set(target, tail);
    return tail.finally(() => {
      if (tails.get(target) === tail) tails.delete(target);
    });
  };
}

/** As the locking decorator uses it. */
function keyedLock(): Exclusive {
  const locks = new KeyedLocks(systemClock);
  return async (target, work) => {
    const waiting = locks.acquire({ key: target, exclusive: true }, undefined);
    if (waiting !== undefined) await waiting;
    try {
      await work();
    } finally {
      locks.release(target);
    }
  };
}
