import { describe, expect } from "vitest";
import { within } from "../../src/store/key.ts";
import { at, testRoot } from "../support/test-spaces.ts";
import { type EngineUnderTest, testEngine } from "./engine-subject.ts";
import { put, read, remove, write } from "./engine-writes.ts";

export function describeEngineExpiry(subject: EngineUnderTest): void {
  const test = testEngine(subject);

  describe("expiry", () => {
    test("a record is there one millisecond before its instant and gone at it, to get and page", async ({
      engine,
      clock,
    }) => {
      await write(engine, put(at("a"), "v", clock.now() + 100));
      clock.advance(99);
      expect(await read(engine, at("a"))).toBeDefined();
      expect((await engine.page(within(testRoot), { limit: 9 })).entries).toHaveLength(1);
      clock.advance(1);
      expect(await read(engine, at("a"))).toBeUndefined();
      expect((await engine.page(within(testRoot), { limit: 9 })).entries).toEqual([]);
    });

    test("what has expired does not come back when the clock steps back", async ({
      engine,
      clock,
    }) => {
      await write(engine, put(at("a"), "v", clock.now() + 10));
      clock.advance(10);
      expect(await read(engine, at("a"))).toBeUndefined();
      clock.stepBack(10);
      expect(await read(engine, at("a"))).toBeUndefined();
    });

    test("keep keeps the expiry, none takes it away, a new record has none to keep", async ({
      engine,
      clock,
    }) => {
      const expireAt = clock.now() + 10;
      await write(engine, put(at("a"), "1", expireAt));
      await write(engine, put(at("a"), "2", "keep"), put(at("b"), "2", "keep"));
      expect(await read(engine, at("a"))).toMatchObject({ value: "2", expireAt });
      expect(await read(engine, at("b"))).not.toHaveProperty("expireAt");
      await write(engine, put(at("a"), "3", "none"));
      clock.advance(1000);
      expect(await read(engine, at("a"))).toMatchObject({ value: "3" });
    });

    test("changing the expiry changes no version and leaves no event", async ({
      engine,
      clock,
    }) => {
      const { revision } = await write(engine, put(at("a")));
      const expireAt = clock.now() + 10;
      const changed = await write(engine, { op: "setExpiry", key: at("a"), expireAt });
      expect(await read(engine, at("a"))).toMatchObject({ version: revision, expireAt });
      expect(await engine.history(revision, 1e6)).toEqual([
        { revision: changed.revision, events: [] },
      ]);
    });

    test("changing the expiry of what is absent or expired has no effect", async ({
      engine,
      clock,
    }) => {
      await write(engine, put(at("a"), "v", clock.now() + 10));
      clock.advance(10);
      await write(
        engine,
        { op: "setExpiry", key: at("a"), expireAt: "none" },
        { op: "setExpiry", key: at("b"), expireAt: "none" },
      );
      expect(await engine.get([at("a"), at("b")])).toMatchObject({
        entries: [undefined, undefined],
      });
    });

    test("a put over an expired record is an expired event, then a creation", async ({
      engine,
      clock,
    }) => {
      const first = await write(engine, put(at("a"), "1", clock.now() + 10));
      clock.advance(10);
      const { revision } = await write(engine, put(at("a"), "2", "keep"));
      const entry = await read(engine, at("a"));
      expect(entry).toMatchObject({ value: "2", version: revision, created: revision });
      expect(entry).not.toHaveProperty("expireAt");
      const [commit] = await engine.history(first.revision, 1e6);
      expect(commit?.events).toMatchObject([
        { type: "expired", key: at("a"), previous: { value: "1" } },
        { type: "put", entry: { value: "2" } },
      ]);
      expect(commit?.events[1]).not.toHaveProperty("previous");
    });

    test("an expired delete acts on what has expired, a deleted one on what is live", async ({
      engine,
      clock,
    }) => {
      await write(engine, put(at("live")), put(at("over"), "v", clock.now() + 10));
      clock.advance(10);
      const before = await engine.head();
      await write(engine, remove(at("live"), "expired"), remove(at("over"), "deleted"));
      expect(await engine.stats(testRoot)).toMatchObject({ records: 2 });
      await write(engine, remove(at("live"), "deleted"), remove(at("over"), "expired"));
      expect(await engine.stats(testRoot)).toEqual({ records: 0, bytes: 0 });
      const events = (await engine.history(before, 1e6)).flatMap((commit) => commit.events);
      expect(events).toMatchObject([
        { type: "deleted", key: at("live"), previous: { key: at("live") } },
        { type: "expired", key: at("over"), previous: { key: at("over") } },
      ]);
    });

    test("due answers what has expired, oldest first, as often as asked, until it is removed", async ({
      engine,
      clock,
    }) => {
      const now = clock.now();
      for (const [name, ms] of Object.entries({ c: 30, a: 10, d: 1000, b: 20 })) {
        await write(engine, put(at(name), "v", now + ms));
      }
      expect(await engine.due(9)).toEqual([]);
      clock.advance(30);
      const names = async (limit: number) => (await engine.due(limit)).map(({ key }) => key);
      expect(await names(9)).toEqual([at("a"), at("b"), at("c")]);
      expect(await names(2)).toEqual([at("a"), at("b")]);
      await write(engine, remove(at("a"), "expired"));
      expect(await names(9)).toEqual([at("b"), at("c")]);
    });

    test("reason 5, test 5: due does not answer what was touched, lengthened, or written anew in time", async ({
      engine,
      clock,
    }) => {
      const expireAt = clock.now() + 10;
      await write(engine, ...["a", "b", "c", "d"].map((name) => put(at(name), "v", expireAt)));
      clock.advance(9);
      await write(
        engine,
        { op: "setExpiry", key: at("a"), expireAt: clock.now() + 1000 },
        { op: "setExpiry", key: at("b"), expireAt: "none" },
        put(at("c"), "2", "none"),
        remove(at("d")),
      );
      clock.advance(500);
      expect(await engine.due(9)).toEqual([]);
      clock.advance(500);
      expect(await engine.due(9)).toMatchObject([{ key: at("a") }]);
    });
  });
}
