/**
 * Lets many sessions expire within one second beside many that live, in a process of its own:
 * `node --expose-gc expiring-child.ts LIVING EXPIRING`, answers in JSON.
 */
import { setTimeout as wait } from "node:timers/promises";
import { create } from "@bufbuild/protobuf";
import { PolicySchema } from "#gen/tiffin/session/v1/session_pb.ts";
import { sample } from "../report/sample.ts";
import { type LoopDelay, whileWatchingLoop } from "../store/loop-delay.ts";
import { openBenchSessions } from "./bench-sessions.ts";
import { everyUse, millis } from "./sample-session.ts";
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
/** How long it may take to make those that expire. */
const leadMs = 20_000;
const spreadMs = 1_000;
const beatMs = 5;
const recordsOfSession = 2;

const room = await openBenchSessions(2 ** 20);
const ids = new SessionIds(living);
for (let at = 0; at < living; at++) ids.set(at, await room.create({ policy: everyUse }));

const results = {
  nothing: await watchThem(0, lightLoad),
  unloaded: await watchThem(expiring, async () => 0),
  loaded: await watchThem(expiring, lightLoad),
};
await room.store.close();
console.log(JSON.stringify(results));

/** Makes so many sessions that end within a second, and watches from just before until all are swept. */
async function watchThem(count: number, load: () => Promise<number>): Promise<Expired> {
  const start = Date.now() + (count === 0 ? spreadMs : leadMs);
  const { records: remaining } = await room.store.stats();
  for (let at = 0; at < count; at++) {
    const endAt = Math.round(start + (at / count) * spreadMs);
    const absoluteTimeout = millis(endAt - Date.now());
    await room.create({ policy: create(PolicySchema, { absoluteTimeout }) });
  }
  globalThis.gc?.();
  if (Date.now() > start) throw new Error("the sessions took too long to make");
  await wait(start - Date.now());
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
      if (Date.now() > end && records <= remaining + made * recordsOfSession) break;
      await wait(beatMs);
    }
    return { afterLastMs: Date.now() - end, callMsMax: sample(calls).max };
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
