import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { only, startingWith, within } from "../../src/store/key.ts";
import type { CommitEvents, Revision, Watch } from "../../src/store/store.ts";
import { eventually, quiet } from "../support/settle.ts";
import { at, testRoot } from "../support/test-spaces.ts";
import type { OpenedStore, StoreUnderTest } from "./store-contract.ts";

export function describeWatches(subject: StoreUnderTest): void {
  describe("watch", () => {
    let opened: OpenedStore;
    beforeEach(async () => {
      opened = await subject.open();
    });
    afterEach(() => opened.store.close());

    const write = async (name: string, value = "v"): Promise<Revision> =>
      (await opened.store.update({}, (tx) => tx.put(at(name), value, "none"))).revision;

    test("reason 2: a watch answers every commit after its start, in order, once each", async () => {
      const start = await write("before");
      const watch = await opened.store.watch([within(testRoot)], start);
      const revisions: Revision[] = [];
      for (let n = 0; n < 300; n++) revisions.push(await write(`k${n % 7}`));
      const seen = await take(watch, 300);
      expect(seen.map((commit) => commit.revision)).toEqual(revisions);
    });

    test("a watch that waits is woken by a commit in its range and by no other", async () => {
      const watch = await opened.store.watch([startingWith(testRoot, "b")], "now");
      const reader = watch[Symbol.asyncIterator]();
      let woken = 0;
      const next = reader.next().then((result) => {
        woken++;
        return result;
      });
      await quiet();
      const other = await write("a");
      await quiet();
      expect(woken).toBe(0);
      expect(watch.position).toBe(other);
      const revision = await write("b1");
      expect((await next).value).toMatchObject({ revision, events: [{ type: "put" }] });
      await reader.return?.();
    });

    test("a commit is never split, and carries only the events in the ranges", async () => {
      const watch = await opened.store.watch([only(at("a")), only(at("c"))], "now");
      await opened.store.update({}, (tx) => {
        for (const name of ["a", "b", "c"]) tx.put(at(name), name, "none");
      });
      const [commit] = await take(watch, 1);
      expect(commit?.events.map((event) => event.type === "put" && event.entry.value)).toEqual([
        "a",
        "c",
      ]);
    });

    test("an event in several of the ranges is answered once, a range deletion cut to all of them", async () => {
      const ranges = [startingWith(testRoot, "a"), only(at("a1")), only(at("c")), only(at("a1"))];
      const watch = await opened.store.watch(ranges, "now");
      await write("a1");
      await opened.store.update({}, (tx) => tx.deleteRange(within(testRoot)));
      const [put, deletion] = await take(watch, 2);
      expect(put?.events).toMatchObject([{ type: "put", entry: { key: at("a1") } }]);
      expect(deletion?.events).toMatchObject([
        { type: "rangeDeleted", range: startingWith(testRoot, "a") },
        { type: "rangeDeleted", range: only(at("c")) },
      ]);
    });

    test("events say what was there before, what was deleted and what expired", async () => {
      const watch = await opened.store.watch([within(testRoot)], "now");
      await write("a", "1");
      await write("a", "2");
      await opened.store.update({}, (tx) => tx.delete(at("a")));
      await opened.store.update({}, (tx) => tx.put(at("a"), "3", opened.clock.now() + 10));
      opened.clock.advance(10);
      await eventually(
        opened.clock,
        async () => (await opened.store.stats(testRoot)).records === 0,
      );
      const events = (await take(watch, 5)).flatMap((commit) => commit.events);
      expect(events).toMatchObject([
        { type: "put", entry: { value: "1" } },
        { type: "put", entry: { value: "2" }, previous: { value: "1" } },
        { type: "deleted", previous: { value: "2" } },
        { type: "put", entry: { value: "3" } },
        { type: "expired", previous: { value: "3" } },
      ]);
      expect(events[0]).not.toHaveProperty("previous.value");
    });

    test("a deletion tells why, if it was said, and not otherwise", async () => {
      const names = ["said", "again", "unsaid", "over"];
      for (const name of names) await write(name);
      const watch = await opened.store.watch([within(testRoot)], "now");
      await opened.store.update({}, (tx) => {
        tx.delete(at("said"), "logged out");
        tx.delete(at("again"), "first said");
        tx.delete(at("again"), "revoked");
        tx.delete(at("unsaid"), "first said");
        tx.delete(at("unsaid"));
        tx.delete(at("over"), "said, and written over");
        tx.put(at("over"), "w", "none");
        tx.delete(at("absent"), "nothing was there");
      });
      const [commit] = await take(watch, 1);
      expect(commit?.events).toMatchObject([
        { type: "deleted", key: at("said"), previous: { value: "v" }, why: "logged out" },
        { type: "deleted", key: at("again"), why: "revoked" },
        { type: "deleted", key: at("unsaid") },
        { type: "deleted", key: at("over") },
        { type: "put", entry: { key: at("over"), value: "w" } },
      ]);
      for (const event of commit?.events.slice(2) ?? []) expect(event).not.toHaveProperty("why");
    });

    test("reason 11: a range deletion is one event, cut to what is watched", async () => {
      for (const name of ["a1", "a2", "b1"]) await write(name);
      const watch = await opened.store.watch([startingWith(testRoot, "a")], "now");
      const { rangeDeleted } = await opened.store.update({}, (tx) =>
        tx.deleteRange(within(testRoot)),
      );
      const [commit] = await take(watch, 1);
      expect(rangeDeleted).toBe(3);
      expect(commit?.events).toMatchObject([
        { type: "rangeDeleted", range: startingWith(testRoot, "a") },
      ]);
    });

    test("reason 3, test 3: a revision that this store never issued is refused, and so is one from the future", async () => {
      opened.clock.advance(1);
      const revision = await write("a");
      for (const after of [1, revision - 1, revision + 1_000_000_000]) {
        await expect(opened.store.watch([within(testRoot)], after)).rejects.toMatchObject({
          kind: "history_gone",
        });
      }
    });

    test("every position is a revision to resume from, with no gap and no repeat", async () => {
      const revisions: Revision[] = [];
      for (let n = 0; n < 20; n++) revisions.push(await write(n % 2 === 0 ? "a" : "b"));
      for (const [index, after] of revisions.entries()) {
        const watch = await opened.store.watch([within(testRoot)], after);
        const rest = revisions.slice(index + 1);
        expect((await take(watch, rest.length)).map((commit) => commit.revision)).toEqual(rest);
      }
    });

    test("ends with the reason of its signal, waiting or not", async () => {
      const abort = new AbortController();
      const watch = await opened.store.watch([within(testRoot)], "now", { signal: abort.signal });
      const next = watch[Symbol.asyncIterator]().next();
      await quiet();
      abort.abort();
      await expect(next).rejects.toMatchObject({ kind: "cancelled" });
    });

    test("ends with shutting_down when the store closes", async () => {
      const watch = await opened.store.watch([within(testRoot)], "now");
      const next = watch[Symbol.asyncIterator]().next();
      const ended = expect(next).rejects.toMatchObject({ kind: "shutting_down" });
      await opened.store.close();
      await ended;
    });

    test("a hundred watches of different keys each see their own", async () => {
      const watches = await Promise.all(
        Array.from({ length: 100 }, (_, n) => opened.store.watch([only(at(`k${n}`))], "now")),
      );
      const reading = watches.map((watch) => take(watch, 2));
      await quiet();
      for (const round of ["1", "2"]) {
        for (let n = 0; n < 100; n++) await write(`k${n}`, round);
      }
      const seen = await Promise.all(reading);
      for (const commits of seen) {
        expect(commits.flatMap(({ events }) => events)).toMatchObject([
          { type: "put", entry: { value: "1" } },
          { type: "put", entry: { value: "2" } },
        ]);
      }
    });
  });
}

async function take(watch: Watch, count: number): Promise<CommitEvents[]> {
  const commits: CommitEvents[] = [];
  if (count === 0) return commits;
  for await (const commit of watch) {
    commits.push(commit);
    if (commits.length === count) break;
  }
  return commits;
}
