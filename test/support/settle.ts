import { setImmediate } from "node:timers/promises";
import type { ManualClock } from "./manual-clock.ts";

/** Waits for the work while time goes by on the manual clock, a millisecond a turn: retries and sweeps run. */
export async function settle<T>(clock: ManualClock, work: Promise<T>): Promise<T> {
  let pending = true;
  const done = (): void => {
    pending = false;
  };
  work.then(done, done);
  for (let turn = 0; pending && turn < turnsMax; turn++) {
    clock.advance(1);
    await setImmediate();
  }
  if (pending) throw new Error(`still pending after ${turnsMax} turns`);
  return work;
}

/** Lets time go by until the condition holds. */
export async function eventually(
  clock: ManualClock,
  condition: () => boolean | Promise<boolean>,
): Promise<void> {
  for (let turn = 0; turn < turnsMax; turn++) {
    if (await condition()) return;
    clock.advance(1);
    await setImmediate();
  }
  throw new Error(`the condition did not hold within ${turnsMax} turns`);
}

/** Lets everything run that needs no time to pass. */
export async function quiet(): Promise<void> {
  for (let turn = 0; turn < 20; turn++) await setImmediate();
}

/** Some seconds: a thread or a process that is waited for goes by its own time, slowly on a machine with more to do. */
const turnsMax = 1_000_000;
