import { describe, expect } from "vitest";
import { startingWith, within } from "../../src/store/key.ts";
import { at, testRoot } from "../support/test-spaces.ts";
import { type EngineUnderTest, testEngine } from "./engine-subject.ts";
import { put, read, write } from "./engine-writes.ts";

export function describePurge(subject: EngineUnderTest): void {
  const test = testEngine(subject);

  describe("purge", () => {
    test("removes so many at a time until the range is empty, and nothing outside it", async ({
      engine,
    }) => {
      await write(engine, ...["a", "b1", "b2", "b3", "c"].map((name) => put(at(name))));
      const range = startingWith(testRoot, "b");
      expect(await engine.purge(range, 2)).toEqual({ done: false });
      expect(await engine.stats(testRoot)).toMatchObject({ records: 3 });
      expect(await engine.purge(range, 2)).toEqual({ done: true });
      const { entries } = await engine.page(within(testRoot), { limit: 9 });
      expect(entries.map(({ key }) => key)).toEqual([at("a"), at("c")]);
      expect(await engine.purge(range, 2)).toEqual({ done: true });
    });

    test("leaves no events and takes no revision", async ({ engine }) => {
      const { revision } = await write(engine, put(at("a")));
      await engine.purge(within(testRoot), 9);
      expect(await engine.head()).toBe(revision);
      expect(await engine.history(revision, 1e6)).toEqual([]);
      expect(await read(engine, at("a"))).toBeUndefined();
    });

    test("takes the expired along, and they are due no more", async ({ engine, clock }) => {
      await write(engine, put(at("a"), "v", clock.now() + 10));
      clock.advance(10);
      expect(await engine.purge(within(testRoot), 9)).toEqual({ done: true });
      expect(await engine.due(9)).toEqual([]);
    });
  });
}
