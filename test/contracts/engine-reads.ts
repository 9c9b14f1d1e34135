import { describe, expect } from "vitest";
import { at } from "../support/test-spaces.ts";
import { type EngineUnderTest, testEngine } from "./engine-subject.ts";
import { put, read, remove, write } from "./engine-writes.ts";

export function describeReads(subject: EngineUnderTest): void {
  const test = testEngine(subject);

  describe("reads", () => {
    test("get answers in the order asked, undefined for what is absent, twice for what is asked twice", async ({
      engine,
    }) => {
      const { revision } = await write(engine, put(at("a"), "1"), put(at("b"), "2"));
      const { head, entries } = await engine.get([at("b"), at("x"), at("a"), at("b")]);
      expect(entries.map((entry) => entry?.value)).toEqual(["2", undefined, "1", "2"]);
      expect(head).toBe(revision);
    });

    test("an entry says what was written, when, and how many bytes it takes", async ({
      engine,
      clock,
    }) => {
      const expireAt = clock.now() + 1000;
      const { revision } = await write(engine, put(at("a"), "12345", expireAt));
      expect(await read(engine, at("a"))).toEqual({
        key: at("a"),
        value: "12345",
        version: revision,
        created: revision,
        expireAt,
        bytes: at("a").length + 5,
      });
    });

    test("an entry without expiry has no such property", async ({ engine }) => {
      await write(engine, put(at("a")));
      expect(await read(engine, at("a"))).not.toHaveProperty("expireAt");
    });

    test("an entry once answered does not change with the record", async ({ engine }) => {
      await write(engine, put(at("a"), "1"));
      const before = await read(engine, at("a"));
      await write(engine, put(at("a"), "2"));
      await write(engine, remove(at("a")));
      expect(before).toMatchObject({ value: "1" });
    });

    test("a fresh engine is empty, and its head is a revision of its clock", async ({
      engine,
      clock,
    }) => {
      expect(await engine.head()).toBe(Math.floor(clock.now() * 1000));
      expect(await engine.get([])).toEqual({ head: await engine.head(), entries: [] });
    });
  });
}
