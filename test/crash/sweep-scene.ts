/** A process that sweeps what has expired, primaries and indices alike, until it is killed between two commits of one sweep. */
import { setImmediate } from "node:timers/promises";
import type { Failpoint } from "../../src/store/sqlite/failpoint.ts";
import { ManualClock } from "../support/manual-clock.ts";
import { indexOf, nameOf, primaryOf } from "./crash-spaces.ts";
import { openCrashStore } from "./open-crash-store.ts";

export interface SweepScene {
  readonly path: string;
  readonly start: number;
  /** One commit each, of so many primaries with their index; the commit's number is how many seconds they live. */
  readonly commits: number;
  readonly primaries: number;
  /** When it sweeps. */
  readonly afterMs: number;
  readonly failpoint: Failpoint;
}

const sweepMs = 100;
const scene = JSON.parse(process.argv[2] ?? "") as SweepScene;
const clock = new ManualClock(scene.start);
const store = await openCrashStore({
  path: scene.path,
  instance: "sweep",
  clock,
  failpoint: scene.failpoint,
});
await store.update({}, (tx) => tx.put(nameOf("n"), { number: 1 }, "none"));
for (let commit = 1; commit <= scene.commits; commit++) {
  await store.update({}, (tx) => {
    for (let each = 0; each < scene.primaries; each++) {
      const id = `a-${commit}-${each}`;
      const expireAt = scene.start + commit * 1000;
      tx.put(primaryOf(1, id), id, expireAt);
      tx.put(indexOf(1, id), id, expireAt);
    }
  });
}
// The first sweep finds nothing, and is over when what comes after it has been answered; the next one is the one to be killed.
clock.advance(scene.afterMs - sweepMs);
await store.update({}, (tx) => tx.put(nameOf("n"), { number: 1 }, "none"));
await setImmediate();
clock.advance(sweepMs);
// Should it not be killed, it ends with its parent.
process.stdin.on("end", () => process.exit(1)).resume();
