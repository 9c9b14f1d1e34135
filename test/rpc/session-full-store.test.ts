/** Sessions in a memory store that is full: they are never pushed out, and they can always be ended. */
import { expect, test } from "vitest";
import { failureOf } from "../contracts/rpc-messages.ts";
import { created, exact, expectSound, opens, recordsOf } from "../contracts/rpc-session-parts.ts";
import { openRpc, type RpcSubject } from "../contracts/rpc-subject.ts";

const ceiling = { bytesMax: 2 * 1024 * 1024, historyBytes: 64 * 1024 };
const large = { kind: { case: "text" as const, value: "x".repeat(50_000) } };

/** Writes entries, each fifty kilobytes. */
async function fill({ kv }: RpcSubject, entries: number): Promise<void> {
  for (let at = 0; at < entries; at++) await kv.set({ key: `k${at}`, value: large });
}

/** Creates sessions, each a kilobyte. */
async function createMany({ sessions }: RpcSubject, count: number): Promise<void> {
  const data = { padding: "x".repeat(1000) };
  for (let at = 0; at < count; at++) await sessions.create({ subject: "bob", data });
}

test("a full store that evicts pushes out entries, and never a session or what finds it", async () => {
  const subject = await openRpc("grpc", { ...ceiling, whenFull: "evict" });
  const ids: string[] = [];
  for (let user = 0; user < 100; user++) {
    ids.push((await created(subject, { subject: `user ${user}` })).id);
  }
  await fill(subject, 200);
  expect((await recordsOf(subject.store, "kv")).length).toBeLessThan(60);
  await expectSound(subject.store);
  for (const id of ids) expect(await opens(subject, id)).toBe(true);
  await subject.close();
});

test("a full store that refuses still reads, touches and ends sessions, and takes none of a refused one", async () => {
  const subject = await openRpc("grpc", ceiling);
  const { sessions, clock, store } = subject;
  const kept = await created(subject, { subject: "alice", policy: exact });
  const ended = await created(subject, { subject: "alice" });
  expect(await failureOf(fill(subject, 100))).toMatchObject({ reason: "STORE_FULL" });
  expect(await failureOf(createMany(subject, 1000))).toMatchObject({ reason: "STORE_FULL" });
  await expectSound(store);

  clock.advance(1000);
  const { session } = await sessions.get({ sessionId: kept.id });
  expect(session?.lastActiveTime).toEqual(
    expect.objectContaining({ seconds: BigInt(clock.now() / 1000) }),
  );
  await sessions.delete({ sessionId: ended.id });
  expect(await opens(subject, ended.id)).toBe(false);
  const which = { case: "all" as const, value: true };
  expect(
    (await sessions.deleteBySubject({ subject: "alice", which, requestId: "r" })).deletedCount,
  ).toBe(1);
  expect(await opens(subject, kept.id)).toBe(false);
  await expectSound(store);
  await subject.close();
});

test("where no history is kept, many log in and are logged out at once nevertheless", async () => {
  const subject = await openRpc("grpc", { historyBytes: 0 });
  const { sessions, store } = subject;
  const users = Array.from({ length: 200 }, (_, user) => `user ${user}`);
  await Promise.all(users.map((user) => created(subject, { subject: user })));
  await Promise.all(
    users.map((user) =>
      sessions.deleteBySubject({ subject: user, which: { case: "all", value: true } }),
    ),
  );
  expect(await recordsOf(store, "session")).toEqual([]);
  await subject.close();
});
