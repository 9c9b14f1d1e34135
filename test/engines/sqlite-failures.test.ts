/** What happens when the disk, the file or the writing thread fails while the SQLite engine runs. */
import { existsSync, rmSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import { describe, expect, test } from "vitest";
import { within } from "../../src/store/key.ts";
import type { Failpoint, Step } from "../../src/store/sqlite/failpoint.ts";
import { gateOpen, gatePaused } from "../../src/store/sqlite/failpoint.ts";
import type { Committed } from "../../src/store/store.ts";
import { applyOne, commitOf, put, read, removeRange, write } from "../contracts/engine-writes.ts";
import { openTestSqlite } from "../support/open-test-sqlite.ts";
import { at, testRoot } from "../support/test-spaces.ts";

const everything = within(testRoot);

/** The second commit meets it; a thread that takes over starts to count anew. */
const onceAt = (step: Step, does: Failpoint["does"]): Failpoint => ({
  step,
  does,
  skip: 1,
  times: 1,
});

const beforeItIsDurable = [
  "before begin",
  "after begin",
  "after check",
  "after rows",
  "after history",
  "after head",
  "before commit",
] as const;

test("in a batch a conflict and a refusal leave the others as they are", async () => {
  const { engine } = await openTestSqlite({ limits: { rangeRecords: 1 } });
  await write(engine, put(at("a")), put(at("b")));
  const outcomes = await engine.apply([
    commitOf([put(at("c"), "1")]),
    commitOf([put(at("d"))], [{ key: at("c"), is: "absent" }]),
    commitOf([put(at("e")), removeRange({ start: at("a"), end: at("c") })]),
    commitOf([put(at("f"), "2")], [{ key: at("c"), is: "present" }]),
  ]);
  expect(outcomes).toMatchObject([
    { rangeDeleted: 0 },
    { conflict: { expected: { is: "absent" }, actual: { value: "1" } } },
    { refused: { kind: "limit_exceeded" } },
    { rangeDeleted: 0 },
  ]);
  const { entries } = await engine.page(everything, { limit: 9 });
  expect(entries.map(({ key }) => key)).toEqual(["a", "b", "c", "f"].map(at));
  expect(await engine.check()).toEqual([]);
  await engine.close();
});

test("what another program keeps from being written is refused, and not left open", async () => {
  const { engine, path } = await openTestSqlite();
  const other = new DatabaseSync(path);
  other.exec("BEGIN IMMEDIATE");
  expect(await applyOne(engine, commitOf([put(at("a"))]))).toMatchObject({
    refused: { kind: "overloaded", message: expect.stringContaining(path) },
  });
  other.exec("ROLLBACK");
  other.close();
  await write(engine, put(at("a"), "1"));
  expect(await read(engine, at("a"))).toMatchObject({ value: "1" });
  await engine.close();
});

test("a writing thread that takes over does not begin a new store where the file is gone", async () => {
  const { engine, path } = await openTestSqlite({ failpoint: onceAt("before begin", "exit") });
  await write(engine, put(at("a"), "1"));
  rmSync(path);
  await expect(engine.apply([commitOf([put(at("b"))])])).rejects.toThrow("thread has ended");
  await expect(engine.apply([commitOf([put(at("b"))])])).rejects.toThrow("the file is gone");
  expect(existsSync(path)).toBe(false);
  await engine.close();
});

describe("a full disk", () => {
  test.each(beforeItIsDurable)(
    "%s refuses what was asked, and nothing of it is there",
    async (step) => {
      const { engine } = await openTestSqlite({ failpoint: onceAt(step, "full") });
      const { revision } = await write(engine, put(at("a"), "1"));
      const batch = [commitOf([put(at("a"), "2"), put(at("b"))]), commitOf([put(at("c"))])];
      const refused = { refused: { kind: "store_full", details: { metadata: { limit: "disk" } } } };
      expect(await engine.apply(batch)).toMatchObject([refused, refused]);
      expect(await engine.outcome(batch[0]?.id ?? "")).toBe("unknown");
      expect(await engine.head()).toBe(revision);
      expect(await read(engine, at("a"))).toMatchObject({ value: "1" });
      // Space has been freed: nobody needs to tell the engine.
      await write(engine, put(at("a"), "3"));
      expect(await engine.stats(testRoot)).toMatchObject({ records: 1 });
      expect(await engine.check()).toEqual([]);
      await engine.close();
    },
  );

  test("fails a purge and a trim, which can be done again", async () => {
    for (const step of ["before purge commit", "before trim commit"] as const) {
      const failpoint: Failpoint = { step, does: "full", times: 1 };
      const { engine, clock } = await openTestSqlite({ failpoint });
      await write(engine, put(at("a")));
      clock.advance(10);
      const clean = async () => {
        await engine.trim({ bytes: 0, ms: 0 });
        return await engine.purge(everything, 9);
      };
      await expect(clean()).rejects.toMatchObject({ kind: "store_full" });
      expect(await clean()).toEqual({ done: true });
      expect(await engine.check()).toEqual([]);
      await engine.close();
    }
  });
});

describe.each(["fail", "exit"] as const)("when the writer is to %s", (does) => {
  test.each(beforeItIsDurable)(
    "%s, nothing is there, and the next commit is made",
    async (step) => {
      const { engine } = await openTestSqlite({ failpoint: onceAt(step, does) });
      const { revision } = await write(engine, put(at("a"), "1"));
      const commit = commitOf([put(at("a"), "2"), put(at("b"))]);
      await expect(engine.apply([commit])).rejects.toMatchObject({ kind: "internal" });
      expect(await engine.outcome(commit.id)).toBe("unknown");
      expect(await engine.head()).toBe(revision);
      await write(engine, put(at("c")));
      expect((await engine.page(everything, { limit: 9 })).entries).toMatchObject([
        { key: at("a"), value: "1" },
        { key: at("c") },
      ]);
      expect(await engine.check()).toEqual([]);
      await engine.close();
    },
  );

  test.each(["after commit", "before answer"] as const)(
    "%s, the outcome is known",
    async (step) => {
      const { engine } = await openTestSqlite({ failpoint: onceAt(step, does) });
      await write(engine, put(at("a"), "1"));
      const commit = commitOf([put(at("a"), "2")]);
      await expect(engine.apply([commit])).rejects.toMatchObject({ kind: "internal" });
      const { revision } = (await engine.outcome(commit.id)) as Committed;
      expect(await read(engine, at("a"))).toMatchObject({ value: "2", version: revision });
      expect((await write(engine, put(at("a"), "3"))).revision).toBeGreaterThan(revision);
      expect(await engine.check()).toEqual([]);
      await engine.close();
    },
  );
});

test.each(["fail", "exit"] as const)(
  "who follows the head is woken by a commit whose answer is lost when the writer is to %s",
  async (does) => {
    const { engine } = await openTestSqlite({ failpoint: onceAt("before answer", does) });
    await write(engine, put(at("a")));
    let wakes = 0;
    engine.onHead(() => wakes++);
    await expect(engine.apply([commitOf([put(at("b"))])])).rejects.toThrow();
    expect(wakes).toBe(1);
    await engine.close();
  },
);

test("a thread that ends fails all that it was asked, and one takes over that knows where the store stands", async () => {
  const { engine } = await openTestSqlite({ failpoint: onceAt("before commit", "exit") });
  await write(engine, put(at("a")));
  const asked = [
    engine.apply([commitOf([put(at("b"))])]),
    engine.purge(everything, 9),
    engine.trim({ bytes: 0, ms: 0 }),
  ];
  const settled = await Promise.allSettled(asked);
  expect(settled.map(({ status }) => status)).toEqual(["rejected", "rejected", "rejected"]);
  expect(await engine.stats()).toMatchObject({ records: 1 });
  const commit = commitOf([put(at("b"))], [{ key: at("a"), is: "present" }]);
  expect(await applyOne(engine, commit)).toHaveProperty("revision");
  await engine.close();
});

test("a checkpoint that fails is nobody's loss, and is made later", async () => {
  for (const does of ["fail", "full"] as const) {
    const failpoint: Failpoint = { step: "before checkpoint", does, times: 2 };
    const { engine } = await openTestSqlite({ failpoint, checkpointPages: 1 });
    for (let n = 0; n < 5; n++) await write(engine, put(at(`${n}`)));
    expect(await engine.stats()).toMatchObject({ records: 5 });
    expect(await engine.check()).toEqual([]);
    await engine.close();
  }
});

test("reads do not wait for the writer, and see nothing of what is not committed", async () => {
  const gate = new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT);
  const state = new Int32Array(gate);
  const { engine } = await openTestSqlite({
    failpoint: { step: "before commit", does: "pause", skip: 1, gate },
  });
  const { revision } = await write(engine, put(at("a"), "1"));
  const writing = write(engine, put(at("a"), "2"));
  await Atomics.waitAsync(state, 0, 0).value;
  expect(state[0]).toBe(gatePaused);
  expect(await read(engine, at("a"))).toMatchObject({ value: "1" });
  expect(await engine.head()).toBe(revision);
  const snapshot = await engine.snapshot();
  Atomics.store(state, 0, gateOpen);
  Atomics.notify(state, 0);
  await writing;
  expect(await read(engine, at("a"))).toMatchObject({ value: "2" });
  expect(await snapshot.get([at("a")])).toMatchObject([{ value: "1" }]);
  await engine.close();
});
