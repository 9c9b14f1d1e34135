import { describe, expect } from "vitest";
import type { Engine } from "../../src/store/engine.ts";
import { startingWith } from "../../src/store/key.ts";
import type { Expectation, KeyExpectation } from "../../src/store/store.ts";
import { at, testRoot } from "../support/test-spaces.ts";
import { type EngineUnderTest, testEngine } from "./engine-subject.ts";
import { applyOne, commitOf, put, remove, removeRange, write } from "./engine-writes.ts";

export function describeExpectations(subject: EngineUnderTest): void {
  const test = testEngine(subject);

  const holds = async (engine: Engine, ...expected: Expectation[]): Promise<boolean> =>
    !("conflict" in (await applyOne(engine, commitOf([], expected))));

  describe("expectations", () => {
    test("of presence and absence: what has expired is absent, except to expired", async ({
      engine,
      clock,
    }) => {
      await write(engine, put(at("live")), put(at("over"), "v", clock.now() + 10));
      clock.advance(10);
      const truths: [string, KeyExpectation["is"], boolean][] = [
        ["live", "present", true],
        ["live", "absent", false],
        ["live", "expired", false],
        ["over", "present", false],
        ["over", "absent", true],
        ["over", "expired", true],
        ["none", "present", false],
        ["none", "absent", true],
        ["none", "expired", false],
      ];
      for (const [name, is, expected] of truths) {
        expect([name, is, await holds(engine, { key: at(name), is })]).toEqual([
          name,
          is,
          expected,
        ]);
      }
    });

    test("of a version hold for that version alone, however the expiry changed", async ({
      engine,
      clock,
    }) => {
      const { revision } = await write(engine, put(at("a")));
      await write(engine, { op: "setExpiry", key: at("a"), expireAt: clock.now() + 10 });
      expect(await holds(engine, { key: at("a"), is: { version: revision } })).toBe(true);
      expect(await holds(engine, { key: at("a"), is: { version: revision + 1 } })).toBe(false);
      clock.advance(10);
      expect(await holds(engine, { key: at("a"), is: { version: revision } })).toBe(false);
    });

    test("of a version and expiry hold while both are unchanged", async ({ engine, clock }) => {
      const { revision: version } = await write(engine, put(at("a")));
      const expireAt = clock.now() + 10;
      expect(await holds(engine, { key: at("a"), is: { version, expireAt: "none" } })).toBe(true);
      expect(await holds(engine, { key: at("a"), is: { version, expireAt } })).toBe(false);
      await write(engine, { op: "setExpiry", key: at("a"), expireAt });
      expect(await holds(engine, { key: at("a"), is: { version, expireAt } })).toBe(true);
      expect(await holds(engine, { key: at("a"), is: { version, expireAt: "none" } })).toBe(false);
    });

    test("of a creation hold over any number of writes, and not for a later record", async ({
      engine,
    }) => {
      const { revision: created } = await write(engine, put(at("a")));
      await write(engine, put(at("a"), "2"));
      expect(await holds(engine, { key: at("a"), is: { created } })).toBe(true);
      await write(engine, remove(at("a")));
      expect(await holds(engine, { key: at("a"), is: { created } })).toBe(false);
      await write(engine, put(at("a")));
      expect(await holds(engine, { key: at("a"), is: { created } })).toBe(false);
    });

    test("a conflict names the first that does not hold, with the live entry there", async ({
      engine,
    }) => {
      await write(engine, put(at("a"), "1"));
      const second: Expectation = { key: at("a"), is: "absent" };
      const third: Expectation = { key: at("b"), is: "present" };
      const first: Expectation = { key: at("a"), is: "present" };
      const outcome = await applyOne(engine, commitOf([], [first, second, third]));
      const conflict = "conflict" in outcome ? outcome.conflict : undefined;
      expect(conflict?.expected).toBe(second);
      expect(conflict?.actual).toMatchObject({ value: "1" });
      const other = await applyOne(engine, commitOf([], [third]));
      expect(other).not.toHaveProperty("conflict.actual");
    });
  });

  describe("reason 4: expectations of ranges", () => {
    const range = startingWith(testRoot, "m");
    const changes: [string, (engine: Engine) => Promise<unknown>, boolean][] = [
      ["a put in it", (engine) => write(engine, put(at("m2"))), false],
      ["an overwrite in it", (engine) => write(engine, put(at("m1"), "2")), false],
      ["a delete in it", (engine) => write(engine, remove(at("m1"))), false],
      [
        "a deletion of an overlapping range",
        (engine) => write(engine, removeRange({ start: at("a"), end: at("m2") })),
        false,
      ],
      ["a put before it", (engine) => write(engine, put(at("l"))), true],
      ["a put behind it", (engine) => write(engine, put(at("n"))), true],
      ["a delete of what was absent in it", (engine) => write(engine, remove(at("m9"))), true],
      [
        "a change of an expiry in it",
        (engine) => write(engine, { op: "setExpiry", key: at("m1"), expireAt: 1e15 }),
        true,
      ],
      [
        "a deletion of a range beside it",
        (engine) => write(engine, removeRange(startingWith(testRoot, "l"))),
        true,
      ],
    ];
    for (const [what, change, kept] of changes) {
      test(`${what} ${kept ? "leaves it unchanged" : "changes it"}`, async ({ engine }) => {
        await write(engine, put(at("m1")), put(at("l1")));
        const unchangedSince = await engine.head();
        expect(await holds(engine, { range, unchangedSince })).toBe(true);
        await change(engine);
        expect(await holds(engine, { range, unchangedSince })).toBe(kept);
      });
    }

    test("are a conflict when the history does not reach back so far, or was never so far ahead", async ({
      engine,
      clock,
    }) => {
      const unchangedSince = await engine.head();
      expect(await holds(engine, { range, unchangedSince: unchangedSince - 1 })).toBe(false);
      expect(await holds(engine, { range, unchangedSince: unchangedSince + 1 })).toBe(false);
      await write(engine, put(at("a")));
      clock.advance(100);
      await engine.trim({ bytes: 0, ms: 0 });
      expect(await holds(engine, { range, unchangedSince })).toBe(false);
      expect(await holds(engine, { range, unchangedSince: await engine.head() })).toBe(true);
    });

    test("see what an earlier commit of the same batch wrote", async ({ engine }) => {
      const unchangedSince = await engine.head();
      const [, second] = await engine.apply([
        commitOf([put(at("m1"))]),
        commitOf([put(at("m2"))], [{ range, unchangedSince }]),
      ]);
      expect(second).toMatchObject({ conflict: { expected: { range } } });
    });
  });
}
