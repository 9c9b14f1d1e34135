/** How often a session that is used writes, with a clock turned by hand: `node busy-child.ts`, answers in JSON. */
import { create } from "@bufbuild/protobuf";
import { PolicySchema } from "#gen/tiffin/session/v1/session_pb.ts";
import { openBenchSessions } from "./bench-sessions.ts";
import { millis } from "./sample-session.ts";

interface Busy {
  readonly interval: string;
  readonly callsPerSecond: number;
  readonly calls: number;
  readonly commits: number;
}

const seconds = 60;
let now = Date.now();
const room = await openBenchSessions(2 ** 20, { now: () => now, after: () => () => undefined });
const results: Busy[] = [];
for (const callsPerSecond of [1, 10, 100, 1_000]) {
  for (const intervalMs of [0, 1_000, 60_000]) {
    results.push(await use(callsPerSecond, intervalMs));
  }
}
await room.store.close();
console.log(JSON.stringify(results));

/** A commit is seen by the revision of the store, which nobody else writes to. */
async function use(callsPerSecond: number, intervalMs: number): Promise<Busy> {
  const policy = create(PolicySchema, { touchInterval: millis(intervalMs) });
  const sessionId = await room.create({ policy });
  const calls = callsPerSecond * seconds;
  let commits = 0;
  let { head } = await room.store.get([]);
  for (let call = 0; call < calls; call++) {
    now += 1_000 / callsPerSecond;
    await room.get({ sessionId });
    const { head: after } = await room.store.get([]);
    if (after !== head) commits++;
    head = after;
  }
  return { interval: `${intervalMs / 1_000} s`, callsPerSecond, calls, commits };
}
