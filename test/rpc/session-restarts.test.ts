/** Sessions on SQLite over restarts: as they were, to the millisecond, and gone when they would have been. */
import { join } from "node:path";
import { expect, test } from "vitest";
import { durationOf, failureOf } from "../contracts/rpc-messages.ts";
import {
  created,
  exact,
  expectSound,
  notFound,
  opens,
  peeked,
  storedRecords,
  sweep,
  timesOf,
} from "../contracts/rpc-session-parts.ts";
import { openRpc, type RpcSubject } from "../contracts/rpc-subject.ts";
import { ManualClock } from "../support/manual-clock.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

test("a session is after a restart what it was, under the same ids, and ends when it would have", async () => {
  const restarted = restarting();
  let rpc = await restarted();
  const policy = { ...exact, idleTimeout: durationOf(10_000), renewalInterval: durationOf(1000) };
  const { id: old } = await created(rpc, { subject: "ada", data: { a: [1] }, policy });
  const { sessionId } = await rpc.sessions.rotate({ sessionId: old, grace: durationOf(8000) });
  rpc.clock.advance(3000);
  await rpc.sessions.touch({ sessionId });
  const before = await peeked(rpc, sessionId);
  rpc = await restarted();
  expect(await peeked(rpc, sessionId)).toEqual(before);
  expect(await peeked(rpc, old)).toEqual(before);
  const change = { case: "mergePatch", value: { b: 2 } } as const;
  const expectedVersion = before.version;
  const updated = await rpc.sessions.update({ sessionId, expectedVersion, change });
  expect(updated.session?.data).toEqual({ a: [1], b: 2 });
  rpc = await restarted(4999);
  expect([await opens(rpc, old), await opens(rpc, sessionId)]).toEqual([true, true]);
  rpc = await restarted(1);
  expect([await opens(rpc, old), await opens(rpc, sessionId)]).toEqual([false, true]);
  await expectSound(rpc.store);
  rpc = await restarted(4999);
  expect(await opens(rpc, sessionId)).toBe(true);
  rpc = await restarted(1);
  expect(await failureOf(rpc.sessions.get({ sessionId }))).toEqual(notFound);
  await expectSound(rpc.store);
  await sweep(rpc);
  expect(await storedRecords(rpc.store)).toEqual({ sessions: 0, finders: 0 });
  await rpc.close();
});

test("near the absolute timeout a restart forgets neither the last use nor the end", async () => {
  const restarted = restarting();
  let rpc = await restarted();
  const policy = { absoluteTimeout: durationOf(5000) };
  const { id: sessionId } = await created(rpc, { policy });
  const end = rpc.clock.now() + 5000;
  rpc.clock.advance(2000);
  await rpc.sessions.touch({ sessionId });
  const used = rpc.clock.now();
  rpc = await restarted(2999);
  expect(timesOf(await peeked(rpc, sessionId))).toMatchObject({ used, idle: end, absolute: end });
  await rpc.sessions.touch({ sessionId });
  rpc = await restarted();
  expect(timesOf(await peeked(rpc, sessionId)).used).toBe(end - 1);
  rpc = await restarted(1);
  expect(await opens(rpc, sessionId)).toBe(false);
  await rpc.close();
});

test("what was ended before a restart does not come back with it", async () => {
  const restarted = restarting();
  let rpc = await restarted();
  const ended = (await created(rpc)).id;
  await rpc.sessions.delete({ sessionId: ended });
  const limited = { subject: "ada", policy: { subjectSessionsMax: 1 } };
  const oldest = (await created(rpc, limited)).id;
  const newest = (await created(rpc, limited)).id;
  const anonymous = (await created(rpc)).id;
  const { sessionId } = await rpc.sessions.rotate({ sessionId: anonymous, subject: "bob" });
  rpc = await restarted();
  const dead = [ended, oldest, anonymous];
  for (const id of dead)
    expect(await failureOf(rpc.sessions.get({ sessionId: id }))).toEqual(notFound);
  expect([await opens(rpc, newest), await opens(rpc, sessionId)]).toEqual([true, true]);
  expect(await storedRecords(rpc.store)).toEqual({ sessions: 2, finders: 2 });
  await rpc.close();
});

/** Opens a server on one file, and each time after the first on the same again, so many milliseconds later. */
function restarting(): (ms?: number) => Promise<RpcSubject> {
  const storeUrl = `sqlite:${join(temporaryFolder(), "store.db")}`;
  const clock = new ManualClock();
  let rpc: RpcSubject | undefined;
  return async (ms = 0) => {
    await rpc?.close();
    clock.advance(ms);
    rpc = await openRpc("grpc", { storeUrl, clock });
    return rpc;
  };
}
