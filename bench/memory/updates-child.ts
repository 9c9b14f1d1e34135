/**
 * What the locking decorator is for, in a process of its own: many callers increment one counter by
 * read-modify-write, with the decorator and without. `node updates-child.ts ROUNDS`, answers in JSON.
 */
import { systemClock } from "../../src/clock.ts";
import { TiffinError } from "../../src/errors.ts";
import { type ByteString, byteStringCodec } from "../../src/store/byte-string.ts";
import { CoreStore } from "../../src/store/core/core-store.ts";
import { numberSpace } from "../../src/store/core/number-source.ts";
import { purgeSpace } from "../../src/store/core/purger.ts";
import { LockingStore } from "../../src/store/decorators/locking-store.ts";
import { type Key, key } from "../../src/store/key.ts";
import { openMemoryEngine } from "../../src/store/memory/memory-engine.ts";
import type { Space } from "../../src/store/space.ts";
import type { Store } from "../../src/store/store.ts";
import { type Timed, timed } from "../store/timed.ts";

interface Updated extends Timed {
  readonly attemptsPerUpdate: number;
  /** The share of callers that gave up after 16 attempts. */
  readonly gaveUp: number;
}

const rounds = Number(process.argv[2]);
const callerCounts = [1, 8, 64];
const updatesPerRound = 6_400;
const counter: Key = key(1, "counter", "one");
const counterSpace: Space<ByteString> = {
  name: "counter",
  rootParts: 2,
  codec: byteStringCodec,
  history: true,
  evictable: false,
};

// The store's own timers keep no process alive, and the pauses between retries are all there is at times.
const alive = setInterval(() => undefined, 60_000);
const core = await openCore();
const stores: Record<string, Store> = {
  "with the locking decorator": new LockingStore(core, systemClock),
  "without: retries alone": core,
};
const results: Record<string, Updated[]> = {};
for (let round = -1; round < rounds; round++) {
  for (const callers of callerCounts) {
    for (const [name, store] of Object.entries(stores)) {
      const updated = await increment(store, callers);
      if (round < 0) continue;
      const title = `${callers} callers, ${name}`;
      results[title] = [...(results[title] ?? []), updated];
    }
  }
}
await core.close();
clearInterval(alive);
console.log(JSON.stringify(results));

async function increment(store: Store, callers: number): Promise<Updated> {
  const { entries } = await store.get([counter]);
  const before = Number(entries[0]?.value ?? 0);
  let attempts = 0;
  let failures = 0;
  const caller = async (): Promise<void> => {
    try {
      await store.update({ exclusive: [counter] }, async (tx) => {
        attempts++;
        const entry = await tx.get<ByteString>(counter);
        tx.put(counter, String(Number(entry?.value ?? 0) + 1), "none");
      });
    } catch (error) {
      if (!(error instanceof TiffinError && error.kind === "contention")) throw error;
      failures++;
    }
  };
  const took = await timed(updatesPerRound, async () => {
    // All at once, and again when all are done: left to themselves, callers would fall into step.
    for (let burst = 0; burst < updatesPerRound / callers; burst++) {
      await Promise.all(Array.from({ length: callers }, caller));
    }
  });
  const after = Number((await store.get([counter])).entries[0]?.value);
  if (after !== before + updatesPerRound - failures) throw new Error("an increment was lost");
  return {
    ...took,
    attemptsPerUpdate: attempts / updatesPerRound,
    gaveUp: failures / updatesPerRound,
  };
}

async function openCore(): Promise<CoreStore> {
  const spaces = [numberSpace, purgeSpace, counterSpace];
  const history = { bytes: 2 ** 20, ms: 3_600_000 };
  const opened = new CoreStore({
    engine: openMemoryEngine({
      spaces,
      clock: systemClock,
      limits: {},
      historyBytes: history.bytes,
      bytesMax: 2 ** 30,
      whenFull: "refuse",
    }),
    spaces,
    clock: systemClock,
    random: Math.random,
    instance: "bench",
    history,
    report(problem, cause) {
      throw new Error(problem, { cause });
    },
  });
  opened.start();
  return opened;
}
