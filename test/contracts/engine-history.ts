import { describe, expect } from "vitest";
import { key, only } from "../../src/store/key.ts";
import { at, quietSpace } from "../support/test-spaces.ts";
import { type EngineUnderTest, testEngine } from "./engine-subject.ts";
import { put, remove, removeFor, removeRange, write } from "./engine-writes.ts";

export function describeHistory(subject: EngineUnderTest): void {
  const test = testEngine(subject);

  describe("history", () => {
    test("is every commit with its events, in order, from just after any of them", async ({
      engine,
    }) => {
      const start = await engine.head();
      const first = await write(engine, put(at("a"), "1"));
      const second = await write(engine, put(at("a"), "2"), put(at("b"), "3"));
      const third = await write(engine, remove(at("a")));
      const all = await engine.history(start, 1e6);
      expect(all).toMatchObject([
        { revision: first.revision, events: [{ type: "put", entry: { value: "1" } }] },
        {
          revision: second.revision,
          events: [
            { type: "put", entry: { value: "2" }, previous: { value: "1" } },
            { type: "put", entry: { value: "3" } },
          ],
        },
        {
          revision: third.revision,
          events: [{ type: "deleted", key: at("a"), previous: { value: "2" } }],
        },
      ]);
      expect(await engine.history(first.revision, 1e6)).toEqual(all.slice(1));
      expect(await engine.history(third.revision, 1e6)).toEqual([]);
    });

    test("a deletion tells why, if it was said, and not otherwise", async ({ engine, clock }) => {
      const start = await engine.head();
      const names = ["said", "empty", "strange", "unsaid", "anew", "over"];
      const quiet = key(1, quietSpace.name, 1, "a");
      await write(engine, ...names.map((name) => put(at(name))), put(quiet));
      await write(engine, put(at("expired"), "v", clock.now() + 1));
      clock.advance(1);
      await write(
        engine,
        removeFor("logged out", at("said")),
        removeFor("", at("empty")),
        removeFor("\ufeff\0\u{1f600} \u00ff", at("strange")),
        remove(at("unsaid")),
        { op: "put", key: at("anew"), value: "w", expireAt: "none", anew: true },
        removeFor("too late", at("expired")),
        removeFor("nobody is told", quiet),
      );
      const removal = await write(
        engine,
        remove(at("expired"), "expired"),
        removeRange(only(at("over"))),
      );
      const [, , said, unsaid] = await engine.history(start, 1e6);
      expect(said?.events).toMatchObject([
        { type: "deleted", key: at("said"), previous: { value: "v" }, why: "logged out" },
        { type: "deleted", key: at("empty"), why: "" },
        { type: "deleted", key: at("strange"), why: "\ufeff\0\u{1f600} \u00ff" },
        { type: "deleted", key: at("unsaid"), previous: { value: "v" } },
        { type: "deleted", key: at("anew") },
        { type: "put", entry: { key: at("anew") } },
      ]);
      expect(unsaid).toMatchObject({
        revision: removal.revision,
        events: [{ type: "expired" }, { type: "rangeDeleted" }],
      });
      for (const event of [...(said?.events.slice(3) ?? []), ...(unsaid?.events ?? [])]) {
        expect(event).not.toHaveProperty("why");
      }
    });

    test("what deletions say counts as bytes of the history", async ({ engine }) => {
      const names = ["a", "b", "c"];
      const { revision } = await write(engine, ...names.map((name) => put(at(name))));
      for (const name of names) await write(engine, removeFor("w".repeat(1000), at(name)));
      expect(await engine.history(revision, 1e6)).toHaveLength(3);
      expect((await engine.history(revision, 3000)).length).toBeLessThan(3);
    });

    test("comes in portions of whole commits, one at the least", async ({ engine }) => {
      const start = await engine.head();
      for (const name of ["a", "b", "c"]) await write(engine, put(at(name), "v".repeat(1000)));
      expect(await engine.history(start, 1)).toHaveLength(1);
      const portion = await engine.history(start, 3000);
      expect(portion.length).toBeGreaterThanOrEqual(1);
      expect(portion.length).toBeLessThan(3);
    });

    test("a space without history leaves no events, and the commit still counts", async ({
      engine,
    }) => {
      const start = await engine.head();
      const quiet = key(1, quietSpace.name, 1, "a");
      const { revision } = await write(engine, put(quiet), put(at("a")));
      const last = await write(engine, removeRange(only(quiet)));
      expect(await engine.history(start, 1e6)).toMatchObject([
        { revision, events: [{ type: "put", entry: { key: at("a") } }] },
        { revision: last.revision, events: [] },
      ]);
      expect(await engine.history(last.revision, 1e6)).toEqual([]);
    });

    test("reason 3, test 3: a revision it does not contain is refused, naming the oldest and the one asked for", async ({
      engine,
      clock,
    }) => {
      const start = await engine.head();
      clock.advance(1);
      const first = await write(engine, put(at("a")));
      clock.advance(1);
      await write(engine, put(at("a")));
      for (const after of [0, start - 1, first.revision - 1, first.revision + 1, 1e16]) {
        await expect(engine.history(after, 1)).rejects.toMatchObject({
          kind: "history_gone",
          details: { metadata: { oldest: String(start), after: String(after) } },
        });
      }
      expect(await engine.history(start, 1e6)).toHaveLength(2);
    });

    test("trim forgets what is older, and its floor is still a revision to continue from", async ({
      engine,
      clock,
    }) => {
      const start = await engine.head();
      const first = await write(engine, put(at("a")));
      clock.advance(100);
      const second = await write(engine, put(at("b")));
      await engine.trim({ bytes: 1e9, ms: 50 });
      await expect(engine.history(start, 1)).rejects.toMatchObject({ kind: "history_gone" });
      expect(await engine.history(first.revision, 1e6)).toMatchObject([
        { revision: second.revision },
      ]);
    });

    test("trim forgets what is over its bytes, the oldest first, and never the head", async ({
      engine,
    }) => {
      const start = await engine.head();
      const revisions: number[] = [];
      for (let n = 0; n < 10; n++) {
        revisions.push((await write(engine, put(at("a"), "v".repeat(10_000)))).revision);
      }
      await engine.trim({ bytes: 50_000, ms: 1e9 });
      await expect(engine.history(start, 1)).rejects.toMatchObject({ kind: "history_gone" });
      const last = revisions.at(-1) ?? 0;
      expect(await engine.history(revisions.at(-2) ?? 0, 1)).toMatchObject([{ revision: last }]);
      await engine.trim({ bytes: 0, ms: 0 });
      expect(await engine.history(last, 1)).toEqual([]);
      expect(await engine.head()).toBe(last);
    });
  });
}
