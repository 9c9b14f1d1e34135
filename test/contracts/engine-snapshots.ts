import { describe, expect } from "vitest";
import { within } from "../../src/store/key.ts";
import type { Snapshot } from "../../src/store/store.ts";
import { at, testRoot } from "../support/test-spaces.ts";
import { type EngineUnderTest, testEngine } from "./engine-subject.ts";
import { put, remove, removeRange, write } from "./engine-writes.ts";

export function describeSnapshots(subject: EngineUnderTest): void {
  const test = testEngine(subject);
  const all = within(testRoot);

  const values = async (snapshot: Snapshot, descending = false) =>
    (await snapshot.page(all, { limit: 99, descending })).entries.map(({ value }) => value);

  describe("snapshots", () => {
    test("test 11: see their revision, whatever is written, deleted, purged or created since", async ({
      engine,
      clock,
    }) => {
      for (const name of ["a", "b", "c", "d", "e"]) await write(engine, put(at(name), name));
      const snapshot = await engine.snapshot();
      const pageBefore = await snapshot.page(all, { limit: 99 });
      const getBefore = await snapshot.get([at("a"), at("b"), at("c"), at("bb")]);
      await write(engine, put(at("a"), "a2"));
      await write(engine, put(at("a"), "a3"), put(at("bb"), "new"), remove(at("b")));
      await write(engine, put(at("b"), "again"));
      await write(engine, { op: "setExpiry", key: at("c"), expireAt: clock.now() + 1 });
      await write(engine, removeRange({ start: at("d"), end: at("e") }));
      await engine.purge({ start: at("e"), end: at("f") }, 10);
      clock.advance(1);
      expect(await snapshot.page(all, { limit: 99 })).toEqual(pageBefore);
      expect(await snapshot.get([at("a"), at("b"), at("c"), at("bb")])).toEqual(getBefore);
      expect(await values(snapshot, true)).toEqual(["e", "d", "c", "b", "a"]);
      snapshot.close();
      const { entries } = await engine.page(all, { limit: 99 });
      expect(entries.map(({ value }) => value)).toEqual(["a3", "again", "new"]);
    });

    test("two see what each was opened at", async ({ engine }) => {
      await write(engine, put(at("a"), "1"));
      const first = await engine.snapshot();
      await write(engine, put(at("a"), "2"));
      const second = await engine.snapshot();
      await write(engine, remove(at("a")));
      const third = await engine.snapshot();
      await write(engine, put(at("a"), "4"));
      expect(first.revision).toBeLessThan(second.revision);
      expect([await values(first), await values(second), await values(third)]).toEqual([
        ["1"],
        ["2"],
        [],
      ]);
      second.close();
      expect([await values(first), await values(third)]).toEqual([["1"], []]);
    });

    test("judge expiries as of their opening", async ({ engine, clock }) => {
      await write(engine, put(at("a"), "a", clock.now() + 10), put(at("b"), "b", clock.now() + 5));
      clock.advance(5);
      const snapshot = await engine.snapshot();
      clock.advance(5);
      expect(await values(snapshot)).toEqual(["a"]);
      await write(engine, remove(at("a"), "expired"), remove(at("b"), "expired"));
      expect(await values(snapshot)).toEqual(["a"]);
      snapshot.close();
    });

    test("continue from page to page over what was deleted in between", async ({ engine }) => {
      for (const name of ["a", "b", "c", "d"]) await write(engine, put(at(name), name));
      const snapshot = await engine.snapshot();
      const first = await snapshot.page(all, { limit: 2 });
      await write(engine, removeRange(all));
      const second = await snapshot.page(all, { limit: 2, after: first.next ?? at("") });
      expect(first.entries.map(({ value }) => value)).toEqual(["a", "b"]);
      expect(second.entries.map(({ value }) => value)).toEqual(["c", "d"]);
      expect(second.next).toBeUndefined();
      snapshot.close();
    });

    test("a closed one is lost", async ({ engine }) => {
      const snapshot = await engine.snapshot();
      snapshot.close();
      snapshot.close();
      await expect(snapshot.get([])).rejects.toMatchObject({ kind: "snapshot_lost" });
    });
  });

  describe("limits of snapshots", () => {
    const bounded = testEngine(subject, { snapshots: 2, snapshotMs: 1000 });

    bounded("reason 12: one over the number loses the oldest", async ({ engine }) => {
      await write(engine, put(at("a"), "1"));
      const [first, second, third] = [
        await engine.snapshot(),
        await engine.snapshot(),
        await engine.snapshot(),
      ];
      await expect(first.page(all, { limit: 1 })).rejects.toMatchObject({ kind: "snapshot_lost" });
      expect([await values(second), await values(third)]).toEqual([["1"], ["1"]]);
    });

    bounded(
      "reason 12, test 11: one over the age is lost, and not a mix of then and now",
      async ({ engine, clock }) => {
        await write(engine, put(at("a"), "1"));
        const snapshot = await engine.snapshot();
        await write(engine, put(at("a"), "2"));
        clock.advance(1000);
        expect(await values(snapshot)).toEqual(["1"]);
        clock.advance(1);
        await expect(snapshot.get([at("a")])).rejects.toMatchObject({ kind: "snapshot_lost" });
        await expect(snapshot.page(all, { limit: 1 })).rejects.toMatchObject({
          kind: "snapshot_lost",
        });
      },
    );
  });
}
