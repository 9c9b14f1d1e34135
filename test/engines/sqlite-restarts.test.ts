/** What the SQLite engine keeps when it is closed and opened again, or when an older copy of its file takes its place. */
import { copyFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { within } from "../../src/store/key.ts";
import {
  applyOne,
  commitOf,
  committed,
  put,
  read,
  remove,
  removeRange,
  write,
} from "../contracts/engine-writes.ts";
import { take } from "../contracts/shared-scenarios.ts";
import { ManualClock } from "../support/manual-clock.ts";
import { openTestSqlite } from "../support/open-test-sqlite.ts";
import { allSpaces } from "../support/open-test-store.ts";
import { openReplica } from "../support/shared-replica.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";
import { at, testRoot } from "../support/test-spaces.ts";

test.each(["with a space, ü and 食.db", "tiffin.db?mode=memory#x", "%74iffin.db", "'tiffin';.db"])(
  "a file may be called %s: writer, readers, snapshots, checks and the next start find the same",
  async (name) => {
    const folder = temporaryFolder();
    const failpoint = { step: "before answer", does: "exit", skip: 1, times: 1 } as const;
    const { engine, clock } = await openTestSqlite({ folder, name, failpoint });
    const { revision } = await write(engine, put(at("a"), "1"));
    await expect(engine.apply([commitOf([put(at("b"), "2")])])).rejects.toThrow();
    await write(engine, put(at("a"), "3"));
    const snapshot = await engine.snapshot();
    expect(await snapshot.get([at("a"), at("b")])).toMatchObject([{ value: "3" }, { value: "2" }]);
    expect(await engine.history(revision, 1e6)).toHaveLength(2);
    expect(await engine.check()).toEqual([]);
    await engine.close();
    expect(readdirSync(folder).toSorted()).toEqual([name, `${name}-lock`].toSorted());
    const again = await openTestSqlite({ folder, name, clock });
    expect(await read(again.engine, at("a"))).toMatchObject({ value: "3" });
    await again.engine.close();
  },
);

test("reason 3: everything is there after a restart: records, expiries, statistics, history, outcomes", async () => {
  const folder = temporaryFolder();
  const first = await openTestSqlite({ folder });
  const { clock } = first;
  const start = await first.engine.head();
  await write(first.engine, put(at("a"), "1"), put(at("b"), "2", clock.now() + 50));
  const commit = commitOf([put(at("a"), "3"), put(at("c"), "")]);
  const { revision } = committed(await applyOne(first.engine, commit));
  const range = { start: at("x"), end: at("y") };
  await write(first.engine, put(at("x1")), remove(at("c")));
  await write(first.engine, removeRange(range));
  const everything = {
    records: await first.engine.page(within(testRoot), { limit: 99 }),
    history: await first.engine.history(start, Number.POSITIVE_INFINITY),
    statistics: [await first.engine.stats(), await first.engine.stats(testRoot)],
    span: await first.engine.historySpan(),
  };
  await first.engine.close();

  const { engine } = await openTestSqlite({ folder, clock });
  expect({
    records: await engine.page(within(testRoot), { limit: 99 }),
    history: await engine.history(start, Number.POSITIVE_INFINITY),
    statistics: [await engine.stats(), await engine.stats(testRoot)],
    span: await engine.historySpan(),
  }).toEqual(everything);
  expect(await engine.outcome(commit.id)).toEqual({ revision, rangeDeleted: 0 });
  clock.advance(50);
  expect(await engine.due(9)).toMatchObject([{ key: at("b") }]);
  expect(await engine.check()).toEqual([]);
  await engine.close();
});

test("a watch resumed after a restart tells why something was deleted, if it was said", async () => {
  const folder = temporaryFolder();
  const first = await openTestSqlite({ folder, spaces: allSpaces });
  const { clock } = first;
  const before = openReplica(first.engine, { instance: "before", clock }).store;
  const { revision } = await before.update({}, (tx) => {
    for (const name of ["said", "unsaid"]) tx.put(at(name), "v", "none");
  });
  await before.update({}, (tx) => {
    tx.delete(at("said"), "logged out");
    tx.delete(at("unsaid"));
  });
  await before.close();

  const second = await openTestSqlite({ folder, clock, spaces: allSpaces });
  const { store } = openReplica(second.engine, { instance: "after", clock });
  const [commit] = await take(await store.watch([within(testRoot)], revision), 1);
  expect(commit?.events).toMatchObject([
    { type: "deleted", key: at("said"), previous: { value: "v" }, why: "logged out" },
    { type: "deleted", key: at("unsaid"), previous: { value: "v" } },
  ]);
  expect(commit?.events[1]).not.toHaveProperty("why");
  expect(await store.check()).toEqual([]);
  await store.close();
});

test("revisions rise and time stands over a restart whose clock is behind", async () => {
  const folder = temporaryFolder();
  const first = await openTestSqlite({ folder });
  first.clock.advance(60_000);
  await write(first.engine, put(at("a"), "v", first.clock.now() + 10));
  first.clock.advance(10);
  const { revision } = await write(first.engine, put(at("b")));
  const now = first.engine.now();
  await first.engine.close();

  const { engine } = await openTestSqlite({ folder, clock: new ManualClock() });
  expect(engine.now()).toBe(now);
  expect(await read(engine, at("a"))).toBeUndefined();
  expect((await write(engine, put(at("c")))).revision).toBe(revision + 1);
  await engine.close();
});

test("a record brought from a clock far ahead lifts the revisions, and leaves the time alone over a restart", async () => {
  const folder = temporaryFolder();
  const first = await openTestSqlite({ folder });
  const { clock } = first;
  const version = (await first.engine.head()) + 1e13;
  const brought = { ...put(at("a")), origin: { version, created: version } };
  const { revision } = await write(first.engine, brought);
  await first.engine.close();

  const { engine } = await openTestSqlite({ folder, clock });
  expect(engine.now()).toBe(clock.now());
  expect((await write(engine, put(at("b")))).revision).toBe(revision + 1);
  await engine.close();
});

test("test 3: an older backup in the file's place refuses versions and resume points that it does not contain", async () => {
  const folder = temporaryFolder();
  const path = join(folder, "tiffin.db");
  const first = await openTestSqlite({ folder });
  const { clock } = first;
  const kept = await write(first.engine, put(at("a"), "kept"));
  await first.engine.close();
  copyFileSync(path, `${path}.backup`);

  const second = await openTestSqlite({ folder, clock });
  clock.advance(10);
  const lost = await write(second.engine, put(at("a"), "lost"), put(at("new"), "lost"));
  await second.engine.close();
  copyFileSync(`${path}.backup`, path);

  clock.advance(10);
  const { engine } = await openTestSqlite({ folder, clock });
  expect(await read(engine, at("a"))).toMatchObject({ value: "kept" });
  await expect(engine.history(lost.revision, 1)).rejects.toMatchObject({ kind: "history_gone" });
  const after = await write(engine, put(at("b")));
  expect(after.revision).toBeGreaterThan(lost.revision);
  await expect(engine.history(lost.revision, 1)).rejects.toMatchObject({ kind: "history_gone" });
  expect(await engine.history(kept.revision, 1)).toMatchObject([{ revision: after.revision }]);
  const expecting = (version: number) =>
    applyOne(engine, commitOf([put(at("a"))], [{ key: at("a"), is: { version } }]));
  expect(await expecting(lost.revision)).toHaveProperty("conflict");
  expect(await expecting(kept.revision)).toHaveProperty("revision");
  await engine.close();
});

test("outcomes are known after their history was forgotten, and are bounded", async () => {
  const { engine, clock } = await openTestSqlite();
  const first = commitOf([put(at("first"))]);
  await applyOne(engine, first);
  clock.advance(10);
  await engine.trim({ bytes: 0, ms: 0 });
  expect(await engine.outcome(first.id)).toHaveProperty("revision");
  const batches = Array.from({ length: 20 }, () =>
    Array.from({ length: 500 }, () => commitOf([put(at("a"))])),
  );
  for (const batch of batches) await engine.apply(batch);
  clock.advance(10);
  await engine.trim({ bytes: 0, ms: 0 });
  expect(await engine.outcome(first.id)).toBe("unknown");
  const oldest = batches[0]?.[0]?.id ?? "";
  expect(await engine.outcome(oldest)).toHaveProperty("revision");
  const { head, floor } = await engine.historySpan();
  expect(floor).toBe(head);
  expect(await engine.check()).toEqual([]);
  await engine.close();
});

test("a file named by a link is locked and logged beside itself", async () => {
  const { symlinkSync, existsSync } = await import("node:fs");
  const folder = temporaryFolder();
  const other = temporaryFolder();
  symlinkSync(join(folder, "tiffin.db"), join(other, "link.db"));
  const { engine } = await openTestSqlite({ folder });
  await expect(openTestSqlite({ folder: other, name: "link.db" })).rejects.toThrow(
    "this process already has it open",
  );
  expect(existsSync(join(other, "link.db-lock"))).toBe(false);
  await engine.close();
});
