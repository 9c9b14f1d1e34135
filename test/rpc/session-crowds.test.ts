/** Very many sessions: ids that are never guessed or given twice, and subjects with as many sessions as can be. */
import { join } from "node:path";
import { expect, onTestFinished, test, vi } from "vitest";
import { subjectRoot } from "../../src/session/session-spaces.ts";
import { type Key, partsOf } from "../../src/store/key.ts";
import {
  bring,
  created,
  expectSound,
  opens,
  recordsOf,
  storedRecords,
} from "../contracts/rpc-session-parts.ts";
import { openSessionRoom } from "../support/open-session-room.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

vi.setConfig({ testTimeout: 120_000 });

const creates = 100_000;

test("the ids of 100,000 sessions are distinct, 43 characters, and random in every bit without Math.random", async () => {
  await using room = await openSessionRoom();
  const random = vi.spyOn(Math, "random").mockImplementation(() => {
    throw new Error("Math.random is no source of ids");
  });
  onTestFinished(() => random.mockRestore());
  const ids = new Set<string>();
  const handles = new Set<string>();
  const ones = new Float64Array(256);
  for (let each = 0; each < creates; each++) {
    const { sessionId, session } = await room.sessions.create({});
    ids.add(sessionId);
    handles.add(session?.handle ?? "");
    countOnes(ones, sessionId);
  }
  expect([ids.size, handles.size]).toEqual([creates, creates]);
  expect([...ids].every((id) => /^[\w-]{43}$/.test(id))).toBe(true);
  // Seven standard deviations of a fair coin: by chance not once in a billion runs.
  const tolerance = (7 * Math.sqrt(creates)) / 2;
  const uneven = [...ones].filter((count) => Math.abs(count - creates / 2) > tolerance);
  expect(uneven).toEqual([]);
  expect(await storedRecords(room.store)).toEqual({ sessions: creates, finders: creates });
});

test.each(["memory", "SQLite"])(
  "a subject has 500 sessions and no more, and one commit ends them all: %s",
  async (engine) => {
    const url = engine === "memory" ? "memory:" : `sqlite:${join(temporaryFolder(), "store.db")}`;
    await using room = await openSessionRoom(url);
    const create = async (subjectSessionsMax: number): Promise<string> => {
      room.clock.advance(1);
      return (await created(room, { subject: "ada", policy: { subjectSessionsMax } })).id;
    };
    const ids: string[] = [];
    for (let each = 0; each < 501; each++) ids.push(await create(500));
    expect(await storedRecords(room.store)).toEqual({ sessions: 500, finders: 500 });
    expect([await opens(room, ids[0] ?? ""), await opens(room, ids[1] ?? "")]).toEqual([
      false,
      true,
    ]);
    const before = (await room.store.historySpan()).head;
    const watch = await room.store.watch([{ start: "" as never, end: "\xff" as never }], before);
    const last = await create(1);
    const { head } = await room.store.historySpan();
    const commits = [];
    for await (const commit of watch.until(head)) commits.push(commit.events.length);
    expect(commits).toEqual([501]);
    expect(await storedRecords(room.store)).toEqual({ sessions: 1, finders: 1 });
    expect(await opens(room, last)).toBe(true);
    await expectSound(room.store);
  },
);

test.each([600, 1400])(
  "a subject to whom an import brought %i sessions logs in nevertheless",
  async (brought) => {
    await using room = await openSessionRoom();
    const login = async (): Promise<string> => {
      room.clock.advance(1);
      return (await created(room, { subject: "ada", policy: { subjectSessionsMax: 2 } })).id;
    };
    await login();
    await bring(room.store, brought);
    const id = await login();
    expect(await opens(room, id)).toBe(true);
    const ended = brought + 1 - (await recordsOf(room.store, "session")).length;
    expect(ended).toBeGreaterThanOrEqual(Math.min(brought - 1, 999));
    await login();
    expect(await recordsOf(room.store, "session")).toHaveLength(2);
  },
);

test("a session that becomes nobody's waits for none of nobody's others", async () => {
  await using room = await openSessionRoom();
  const { id } = await created(room);
  const [record] = await recordsOf(room.store, "session");
  const [tenant] = partsOf(record?.key as Key) as [number];
  const gate = Promise.withResolvers<void>();
  const other = room.store.update({ shared: [subjectRoot(tenant, "")] }, () => gate.promise);
  const { sessionId } = await room.sessions.rotate({ sessionId: id, subject: "" });
  expect(await opens(room, sessionId)).toBe(true);
  gate.resolve();
  await other;
});

test("of many who rotate one id in the same turn one is given the new one, plain or at a login", async () => {
  await using room = await openSessionRoom();
  const requests = [{}, { subject: "ada" }, { grace: { seconds: 0n } }, {}];
  for (const first of [0, 1, 2]) {
    const { id: sessionId } = await created(room);
    const order = [...requests.slice(first), ...requests.slice(0, first)];
    const answers = await Promise.allSettled(
      order.map((request) => room.sessions.rotate({ sessionId, ...request })),
    );
    const given = answers.filter((each) => each.status === "fulfilled");
    expect(given).toHaveLength(1);
    const newest = given[0]?.value.sessionId ?? "";
    room.clock.advance(10_000);
    expect([await opens(room, sessionId), await opens(room, newest)]).toEqual([false, true]);
    await expectSound(room.store);
  }
});

function countOnes(ones: Float64Array, sessionId: string): void {
  for (const [at, byte] of Buffer.from(sessionId, "base64url").entries()) {
    for (let bit = 0; bit < 8; bit++) {
      const one = at * 8 + bit;
      ones[one] = (ones[one] ?? 0) + ((byte >> bit) & 1);
    }
  }
}
