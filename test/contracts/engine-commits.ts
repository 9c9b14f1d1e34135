import { describe, expect } from "vitest";
import { TiffinError } from "../../src/errors.ts";
import { between, type Key, within } from "../../src/store/key.ts";
import { at, testRoot } from "../support/test-spaces.ts";
import { type EngineUnderTest, testEngine } from "./engine-subject.ts";
import {
  applyOne,
  commitOf,
  committed,
  put,
  read,
  remove,
  removeRange,
  write,
} from "./engine-writes.ts";

export function describeCommits(subject: EngineUnderTest): void {
  const test = testEngine(subject);

  describe("commits", () => {
    test("reason 3: revisions come from the clock, and rise by one where it stands still or steps back", async ({
      engine,
      clock,
    }) => {
      clock.advance(5);
      const first = await write(engine, put(at("a")));
      expect(first.revision).toBe(Math.floor(clock.now() * 1000));
      clock.stepBack(60_000);
      const second = await write(engine, put(at("a")));
      expect(second.revision).toBe(first.revision + 1);
      expect(await engine.head()).toBe(second.revision);
    });

    test("now never steps back with the clock", async ({ engine, clock }) => {
      const before = engine.now();
      clock.stepBack(60_000);
      expect(engine.now()).toBe(before);
      clock.advance(60_001);
      expect(engine.now()).toBe(before + 1);
    });

    test("reason 2, test 2: a batch is applied in order, each commit seeing those before it", async ({
      engine,
    }) => {
      const outcomes = await engine.apply([
        commitOf([put(at("a"), "1")], [{ key: at("a"), is: "absent" }]),
        commitOf([put(at("a"), "2")], [{ key: at("a"), is: "absent" }]),
        commitOf([put(at("a"), "3")], [{ key: at("a"), is: "present" }]),
      ]);
      expect(outcomes[1]).toMatchObject({ conflict: { actual: { value: "1" } } });
      const [first, , third] = outcomes.map((outcome) =>
        "revision" in outcome ? outcome.revision : 0,
      );
      expect(third).toBeGreaterThan(first ?? 0);
      expect(await read(engine, at("a"))).toMatchObject({ value: "3", created: first });
    });

    test("each commit of a batch sees what those before it deleted, let expire and range-deleted", async ({
      engine,
      clock,
    }) => {
      const names = ["deleted", "expiring", "ranged"].map(at);
      const [deleted, expiring, ranged] = names as [Key, Key, Key];
      await write(engine, ...names.map((name) => put(name)));
      const past = clock.now() - 1;
      const areThere = commitOf(
        [],
        names.map((name) => ({ key: name, is: "present" })),
      ); // so that they are known
      const outcomes = await engine.apply([
        areThere,
        commitOf([remove(deleted)]),
        commitOf([], [{ key: deleted, is: "absent" }]),
        commitOf([{ op: "setExpiry", key: expiring, expireAt: past }]),
        commitOf([], [{ key: expiring, is: "expired" }]),
        commitOf([removeRange(between(testRoot, "ranged", "s"))]),
        commitOf([], [{ key: ranged, is: "absent" }]),
      ]);
      for (const outcome of outcomes) expect(outcome).toHaveProperty("revision");
    });

    test("a conflict applies nothing of its commit and takes no revision", async ({ engine }) => {
      const head = await engine.head();
      const outcome = await applyOne(
        engine,
        commitOf([put(at("a")), put(at("b"))], [{ key: at("c"), is: "present" }]),
      );
      expect(outcome).toHaveProperty("conflict");
      expect((await engine.page(within(testRoot), { limit: 9 })).entries).toEqual([]);
      expect(await engine.head()).toBe(head);
    });

    test("a commit without mutations checks, and takes no revision", async ({ engine }) => {
      const { revision } = await write(engine, put(at("a")));
      const checked = await applyOne(engine, commitOf([], [{ key: at("a"), is: "present" }]));
      expect(checked).toMatchObject({ revision });
      expect(await engine.head()).toBe(revision);
      const conflict = await applyOne(engine, commitOf([], [{ key: at("a"), is: "absent" }]));
      expect(conflict).toHaveProperty("conflict");
    });

    test("an overwrite keeps when it was created, and writing anew after a delete does not", async ({
      engine,
    }) => {
      const first = await write(engine, put(at("a"), "1"));
      const second = await write(engine, put(at("a"), "2"));
      expect(await read(engine, at("a"))).toMatchObject({
        version: second.revision,
        created: first.revision,
      });
      await write(engine, remove(at("a")));
      const third = await write(engine, put(at("a"), "3"));
      expect(await read(engine, at("a"))).toMatchObject({ created: third.revision });
    });

    test("the previous entries are answered if wanted: the live ones, by mutation", async ({
      engine,
      clock,
    }) => {
      await write(engine, put(at("a"), "1"), put(at("b"), "2"), put(at("c"), "3", clock.now() + 1));
      clock.advance(1);
      const commit = commitOf([
        put(at("a"), "9"),
        put(at("x")),
        remove(at("b")),
        put(at("c")),
        { op: "setExpiry", key: at("y"), expireAt: "none" },
      ]);
      const { previous } = committed(await applyOne(engine, { ...commit, wantPrevious: true }));
      expect(previous?.map((entry) => entry?.value)).toEqual([
        "1",
        undefined,
        "2",
        undefined,
        undefined,
      ]);
    });

    test("reason 10: what became of a commit is known by its id, and of a conflict or another id it is not", async ({
      engine,
    }) => {
      const commit = commitOf([put(at("a"))]);
      const { revision } = committed(await applyOne(engine, commit));
      expect(await engine.outcome(commit.id)).toMatchObject({ revision });
      const conflicting = commitOf([put(at("a"))], [{ key: at("a"), is: "absent" }]);
      await applyOne(engine, conflicting);
      expect(await engine.outcome(conflicting.id)).toBe("unknown");
      expect(await engine.outcome("never seen")).toBe("unknown");
    });

    test("deleting what is absent has no effect, and no event", async ({ engine }) => {
      const before = await engine.head();
      const { revision } = await write(engine, remove(at("a")), remove(at("b"), "expired"));
      expect(await engine.history(before, 1e6)).toEqual([{ revision, events: [] }]);
    });

    test("whoever waits for the head is woken by a commit, until it stops", async ({ engine }) => {
      const woken = Promise.withResolvers<void>();
      let wakes = 0;
      const stop = engine.onHead(() => {
        wakes++;
        woken.resolve();
      });
      await write(engine, put(at("a")));
      await woken.promise;
      stop();
      const before = wakes;
      await write(engine, put(at("a")));
      expect(wakes).toBe(before);
    });
  });

  describe("too large a range", () => {
    const bounded = testEngine(subject, { rangeRecords: 2 });

    bounded(
      "refuses the whole commit, naming the limit; what has expired does not count",
      async ({ engine, clock }) => {
        for (const name of ["a", "b"]) await write(engine, put(at(name)));
        await write(engine, put(at("c"), "v", clock.now() + 10));
        const commit = () =>
          commitOf([put(at("z")), { op: "deleteRange", range: { start: at("a"), end: at("y") } }]);
        const outcome = await applyOne(engine, commit());
        const refused = "refused" in outcome ? outcome.refused : undefined;
        expect(refused).toBeInstanceOf(TiffinError);
        expect(refused).toMatchObject({
          kind: "limit_exceeded",
          details: { metadata: { limit: "rangeRecords", max: "2" } },
        });
        expect((await engine.page(within(testRoot), { limit: 9 })).entries).toHaveLength(3);
        clock.advance(10);
        expect(await applyOne(engine, commit())).toMatchObject({ rangeDeleted: 2 });
      },
    );
  });
}
