import { describe, expect } from "vitest";
import { child, key, within } from "../../src/store/key.ts";
import { at, testRoot, testSpace } from "../support/test-spaces.ts";
import { type EngineUnderTest, testEngine } from "./engine-subject.ts";
import { put, remove, removeRange, write } from "./engine-writes.ts";

export function describeStatistics(subject: EngineUnderTest): void {
  const test = testEngine(subject);

  describe("reason 17: statistics", () => {
    test("count records and the bytes of keys and values, by root", async ({ engine }) => {
      const other = key(1, testSpace.name, 2);
      const deep = child(child(other, "x"), "y");
      await write(engine, put(at("a"), "12"), put(at("b"), "345"), put(deep, "6"));
      const bytes = at("a").length + 2 + at("b").length + 3;
      expect(await engine.stats(testRoot)).toEqual({ records: 2, bytes });
      expect(await engine.stats(other)).toEqual({ records: 1, bytes: deep.length + 1 });
      expect(await engine.stats(key(9, testSpace.name, 9))).toEqual({ records: 0, bytes: 0 });
      expect(await engine.stats()).toEqual({ records: 3, bytes: bytes + deep.length + 1 });
    });

    test("follow every overwrite, delete, range deletion and purge", async ({ engine }) => {
      const bytes = at("a").length;
      const stats = () => engine.stats(testRoot);
      await write(engine, put(at("a"), "123"), put(at("b")), put(at("c")), put(at("d"), ""));
      await write(engine, put(at("a"), "1"));
      expect(await stats()).toEqual({ records: 4, bytes: 4 * bytes + 3 });
      await write(engine, remove(at("b")));
      expect(await stats()).toEqual({ records: 3, bytes: 3 * bytes + 2 });
      await write(engine, removeRange({ start: at("c"), end: at("d") }));
      expect(await stats()).toEqual({ records: 2, bytes: 2 * bytes + 1 });
      await engine.purge(within(testRoot), 9);
      expect(await stats()).toEqual({ records: 0, bytes: 0 });
      expect(await engine.stats()).toEqual({ records: 0, bytes: 0 });
    });

    test("include what has expired until it is removed", async ({ engine, clock }) => {
      await write(engine, put(at("a"), "v", clock.now() + 10));
      clock.advance(10);
      expect(await engine.stats(testRoot)).toMatchObject({ records: 1 });
      await write(engine, put(at("a"), "22"));
      expect(await engine.stats(testRoot)).toEqual({ records: 1, bytes: at("a").length + 2 });
    });
  });
}
