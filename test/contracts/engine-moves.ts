import { describe, expect } from "vitest";
import { key, within } from "../../src/store/key.ts";
import type { Mutation } from "../../src/store/store.ts";
import { at, testRoot, testSpace } from "../support/test-spaces.ts";
import { type EngineUnderTest, testEngine } from "./engine-subject.ts";
import { commitOf, put, read, remove, write } from "./engine-writes.ts";

const everything = { start: key(0), end: key(1e9) };

/** What exports, imports and a look at a store from outside need. */
export function describeMoves(subject: EngineUnderTest): void {
  const test = testEngine(subject);

  describe("records brought from another store", () => {
    test("keep their versions and expiry, and have no event", async ({ engine, clock }) => {
      const before = await engine.head();
      const origin = { version: before - 5, created: before - 9 };
      const expireAt = clock.now() + 10;
      await write(engine, { ...put(at("a"), "v", expireAt), origin } as Mutation);
      expect(await read(engine, at("a"))).toMatchObject({ ...origin, value: "v", expireAt });
      const [{ events = undefined } = {}] = await engine.history(before, 1e6);
      expect(events).toEqual([]);
      expect(await engine.stats(testRoot)).toMatchObject({ records: 1 });
      clock.advance(10);
      expect(await engine.due(9)).toMatchObject([{ key: at("a") }]);
    });

    test("are below the revision of their commit, also when they come from a clock ahead", async ({
      engine,
    }) => {
      const version = (await engine.head()) + 1e9;
      const { revision } = await write(engine, {
        ...put(at("a")),
        origin: { version, created: version },
      } as Mutation);
      expect(revision).toBeGreaterThan(version);
      const next = await write(engine, put(at("a"), "2"));
      expect(next.revision).toBeGreaterThan(revision);
    });

    test("are in no snapshot that was open before", async ({ engine }) => {
      const origin = { version: (await engine.head()) - 1, created: 1 };
      const snapshot = await engine.snapshot();
      await write(engine, { ...put(at("a")), origin } as Mutation);
      expect(await snapshot.get([at("a")])).toEqual([undefined]);
      snapshot.close();
    });

    test("stay out of a snapshot that was open before the record they overwrite, whichever other one ends", async ({
      engine,
    }) => {
      const origin = { version: (await engine.head()) - 1, created: 1 };
      const snapshot = await engine.snapshot();
      await write(engine, put(at("a"), "overwritten"), put(at("b"), "overwritten"));
      const later = await engine.snapshot();
      await write(engine, put(at("b"), "overwritten at once"));
      await write(engine, ...["a", "b"].map((name) => ({ ...put(at(name)), origin }) as Mutation));
      expect(await later.get([at("a"), at("b")])).toMatchObject([
        { value: "overwritten" },
        { value: "overwritten" },
      ]);
      later.close();
      await engine.trim({ bytes: 1e9, ms: 1e9 });
      expect(await snapshot.get([at("a"), at("b")])).toEqual([undefined, undefined]);
      expect((await snapshot.page(within(testRoot), { limit: 9 })).entries).toEqual([]);
      snapshot.close();
    });
  });

  test("a put anew over a live record deletes it first, in the same commit", async ({ engine }) => {
    await write(engine, put(at("a"), "1"));
    const before = await engine.head();
    const anew: Mutation = { op: "put", key: at("a"), value: "2", expireAt: "none", anew: true };
    const { revision } = await write(engine, anew);
    expect(await read(engine, at("a"))).toMatchObject({ value: "2", created: revision });
    expect(await engine.history(before, 1e6)).toMatchObject([
      {
        revision,
        events: [
          { type: "deleted", key: at("a"), previous: { value: "1" } },
          { type: "put", entry: { value: "2", created: revision } },
        ],
      },
    ]);
    expect(await engine.stats(testRoot)).toMatchObject({ records: 1 });
  });

  test("the roots of a range are told in order, with what is under each", async ({ engine }) => {
    const [one, two, three] = [1, 2, 3].map((number) => key(1, testSpace.name, number));
    for (const root of [three, one, two])
      await write(engine, put(`${root}${key("x")}` as typeof testRoot));
    const roots = await engine.roots(everything, 2);
    expect(roots.map(({ root }) => root)).toEqual([one, two]);
    expect(roots[0]).toEqual({ root: one, ...(await engine.stats(one)) });
    const rest = await engine.roots({ ...everything, start: `${two}\x00` as typeof testRoot }, 2);
    expect(rest.map(({ root }) => root)).toEqual([three]);
    await engine.purge(within(key(1)), 100);
    expect(await engine.roots(everything, 9)).toEqual([]);
  });

  test("the history's span is from its floor, which rises when it is trimmed, to the head", async ({
    engine,
    clock,
  }) => {
    const floor = await engine.head();
    expect(await engine.historySpan()).toEqual({ floor, head: floor });
    const { revision } = await write(engine, put(at("a")));
    expect(await engine.historySpan()).toEqual({ floor, head: revision });
    clock.advance(1);
    await engine.trim({ bytes: 0, ms: 1e9 });
    expect(await engine.historySpan()).toEqual({ floor: revision, head: revision });
  });

  test("a check finds nothing wrong with what was written, overwritten and removed", async ({
    engine,
    clock,
  }) => {
    await write(engine, put(at("a"), "1"), put(at("b"), "2", clock.now() + 1), put(at("c")));
    await write(engine, put(at("a"), "longer"), remove(at("c")));
    await engine.apply([commitOf([put(at("d"))], [{ key: at("d"), is: "present" }])]);
    clock.advance(1);
    expect(await engine.check()).toEqual([]);
  });

  describe("snapshots that last", () => {
    const bounded = testEngine(subject, { snapshots: 2, snapshotMs: 1000 });

    bounded("as long as asked, and are not the ones that give way", async ({ engine, clock }) => {
      await write(engine, put(at("a"), "1"));
      const lasting = await engine.snapshot(5000);
      const [second, third] = [await engine.snapshot(), await engine.snapshot()];
      await expect(second.get([at("a")])).rejects.toMatchObject({ kind: "snapshot_lost" });
      clock.advance(1001);
      await expect(third.get([at("a")])).rejects.toMatchObject({ kind: "snapshot_lost" });
      clock.advance(3999);
      expect(await lasting.get([at("a")])).toMatchObject([{ value: "1" }]);
      clock.advance(1);
      await expect(lasting.get([at("a")])).rejects.toMatchObject({ kind: "snapshot_lost" });
    });
  });
}
