/**
 * Lets many sessions expire within one second beside many that live, in a process of its own:
 * `node --expose-gc expiring-child.ts LIVING EXPIRING`, answers in JSON.
 */
import { setTimeout as wait } from "node:timers/promises";
import { type Clock, systemClock } from "../../src/clock.ts";
import { sample } from "../report/sample.ts";
import { type LoopDelay, whileWatchingLoop } from "../store/loop-delay.ts";
import { openBenchSessions } from "./bench-sessions.ts";
import { fillSessions } from "./fill-sessions.ts";
import { SessionIds } from "./session-ids.ts";

interface Expired {
  readonly delay: LoopDelay;
  readonly cpuMicros: number;
  /** From the last one's end until no record of any was left. */
  readonly afterLastMs: number;
  /** The longest that a call of the light load took. */
  readonly callMsMax: number;
}

const [living, expiring] = process.argv.slice(2).map(Number) as [number, number];
const spreadMs = 1_000;
/** Sessions that are to expire end so much later than they are made, and then the clock is put forward: making them may take its time. */
const aheadMs = 600_000;
const lookingOnMs = 20;
const beatMs = 5;
const recordsOfSession = 2;

let forwardMs = 0;
const clock: Clock = { ...systemClock, now: () => Date.now() + forwardMs };
const room = await openBenchSessions(2 ** 20, clock);
const ids = new SessionIds(living);
const aliveMs = 11 * 3_600_000;
await fillSessions(
  room.store,
  { from: 0, to: living, sessionAt: () => ({ endMs: clock.now() + aliveMs, touchMs: 0 }) },
  (index, id) => ids.set(index, id),
);
const results = {
  nothing: await watchThem(0, lightLoad),
  unloaded: await watchThem(expiring, async () => 0),
  loaded: await watchThem(expiring, lightLoad),
};
await room.store.close();
console.log(JSON.stringify(results));

/** Makes so many sessions that end within a second, and watches from just before until all are swept. */
async function watchThem(count: number, load: () => Promise<number>): Promise<Expired> {
  const start = Math.round(clock.now()) + aheadMs;
  const { records: remaining } = await room.store.stats();
  const sessionAt = (index: number) => ({
    endMs: Math.round(start + (index / count) * spreadMs),
    touchMs: 0,
  });
  await fillSessions(room.store, { from: 0, to: count, sessionAt }, () => undefined);
  globalThis.gc?.();
  forwardMs += start - lookingOnMs - clock.now();
  const cpu = process.cpuUsage();
  const { result, delay } = await whileWatchingLoop(async () => {
    const calls: number[] = [];
    const end = start + spreadMs;
    let made = 0;
    for (;;) {
      const begun = performance.now();
      made += await load();
      calls.push(performance.now() - begun);
      const { records } = await room.store.stats();
      if (clock.now() > end && records <= remaining + made * recordsOfSession) break;
      await wait(beatMs);
    }
    return { afterLastMs: clock.now() - end, callMsMax: sample(calls).max };
  });
  const { user, system } = process.cpuUsage(cpu);
  return { delay, cpuMicros: user + system, ...result };
}

/** Two uses that are written down, a look and a new session. Answers how many sessions it made. */
async function lightLoad(): Promise<number> {
  const any = (): string => ids.at(Math.floor(Math.random() * living));
  await room.get({ sessionId: any() });
  await room.get({ sessionId: any() });
  await room.get({ sessionId: any(), peek: true });
  await room.create();
  return 1;
}
