import { describe, expect } from "vitest";
import { startingWith, within } from "../../src/store/key.ts";
import { at, testRoot } from "../support/test-spaces.ts";
import { type EngineUnderTest, testEngine } from "./engine-subject.ts";
import { put, removeRange, write } from "./engine-writes.ts";

export function describeRangeDeletions(subject: EngineUnderTest): void {
  const test = testEngine(subject);

  describe("range deletions", () => {
    test("delete what is in the range and nothing else, as one event", async ({ engine }) => {
      await write(engine, ...["a", "b1", "b2", "c"].map((name) => put(at(name))));
      const before = await engine.head();
      const range = startingWith(testRoot, "b");
      const { revision, rangeDeleted } = await write(engine, removeRange(range));
      expect(rangeDeleted).toBe(2);
      const { entries } = await engine.page(within(testRoot), { limit: 9 });
      expect(entries.map(({ key }) => key)).toEqual([at("a"), at("c")]);
      expect(await engine.history(before, 1e6)).toEqual([
        { revision, events: [{ type: "rangeDeleted", range, records: 2 }] },
      ]);
    });

    test("take the expired along, and count the live alone", async ({ engine, clock }) => {
      await write(engine, put(at("a")), put(at("b"), "v", clock.now() + 10));
      clock.advance(10);
      const { rangeDeleted } = await write(engine, removeRange(within(testRoot)));
      expect(rangeDeleted).toBe(1);
      expect(await engine.due(10)).toEqual([]);
      expect(await engine.stats(testRoot)).toEqual({ records: 0, bytes: 0 });
    });

    test("of nothing have no event", async ({ engine }) => {
      const before = await engine.head();
      const { revision, rangeDeleted } = await write(engine, removeRange(within(testRoot)));
      expect(rangeDeleted).toBe(0);
      expect(await engine.history(before, 1e6)).toEqual([{ revision, events: [] }]);
    });

    test("several in one commit add up", async ({ engine }) => {
      await write(engine, ...["a1", "a2", "b1", "c1"].map((name) => put(at(name))));
      const { rangeDeleted } = await write(
        engine,
        removeRange(startingWith(testRoot, "a")),
        put(at("b1"), "2"),
        removeRange(startingWith(testRoot, "c")),
      );
      expect(rangeDeleted).toBe(3);
      expect((await engine.page(within(testRoot), { limit: 9 })).entries).toMatchObject([
        { key: at("b1"), value: "2" },
      ]);
    });
  });
}
