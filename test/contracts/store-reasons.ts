import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { child, type Key, key, within } from "../../src/store/key.ts";
import { alive } from "../../src/store/layers/directory.ts";
import { requestSpace } from "../../src/store/layers/request-memory.ts";
import { eventually, settle } from "../support/settle.ts";
import { at, testRoot, testSpace } from "../support/test-spaces.ts";
import type { OpenedStore, StoreUnderTest } from "./store-contract.ts";

/** Promises of the store's design that no other file of this contract is about, by their number there. */
export function describeReasons(subject: StoreUnderTest): void {
  describe("reasons", () => {
    let opened: OpenedStore;
    beforeEach(async () => {
      opened = await subject.open();
    });
    afterEach(() => opened.store.close());

    const write = async (name: string, value: string) =>
      (await opened.store.update({}, (tx) => tx.put(at(name), value, "none"))).revision;

    test("test 2: of two commits at once that expect the same version, exactly one wins", async () => {
      const { store } = opened;
      const version = await write("a", "0");
      const overwriting = ["first", "second", "third"].map((value) =>
        store.commit({
          expect: [{ key: at("a"), is: { version } }],
          mutations: [{ op: "put", key: at("a"), value, expireAt: "none" }],
        }),
      );
      const outcomes = await Promise.all(overwriting);
      expect(outcomes.map((outcome) => "conflict" in outcome)).toEqual([false, true, true]);
      expect((await store.get([at("a")])).entries[0]?.value).toBe("first");
    });

    test("test 4: a child created while its parent is deleted is no orphan", async () => {
      const { store, clock } = opened;
      for (let round = 0; round < 10; round++) {
        const [parent, children] = [at(`parent ${round}`), key(1, testSpace.name, 100 + round)];
        await store.update({}, (tx) => tx.put(parent, "v", "none"));
        const creating = store.update({}, async (tx) => {
          if ((await tx.get(parent)) !== undefined) tx.put(child(children, "c"), "v", "none");
        });
        const deleting = store.update({}, async (tx) => {
          const { entries } = await tx.page(within(children), { limit: 1 });
          if (entries.length === 0) tx.delete(parent);
        });
        await settle(
          clock,
          Promise.all(round % 2 === 0 ? [creating, deleting] : [deleting, creating]),
        );
        const { entries } = await store.get([parent, child(children, "c")]);
        expect(entries.map((entry) => entry !== undefined)).not.toEqual([false, true]);
      }
    });

    /** How often an update runs that reads two of three records, and another is faster at the one that is named. */
    async function attemptsWhen(changed: string, descending: boolean): Promise<number> {
      for (const name of ["a", "b", "c"]) await write(name, "1");
      let attempts = 0;
      const reading = opened.store.update({}, async (tx) => {
        await tx.page(within(testRoot), { limit: 2, descending });
        if (attempts++ === 0) await write(changed, "2");
        tx.put(key(1, testSpace.name, 2, "result"), "v", "none");
      });
      await settle(opened.clock, reading);
      return attempts;
    }

    test("reason 4: a page read in part is expected to the last of what it found, and no further", async () => {
      const forwards = [];
      const backwards = [];
      for (const name of ["a", "b", "c"]) {
        forwards.push(await attemptsWhen(name, false));
        backwards.push(await attemptsWhen(name, true));
      }
      expect({ forwards, backwards }).toEqual({ forwards: [2, 2, 1], backwards: [1, 2, 2] });
    });

    test("reason 4: of very many that an update found in a range, one that expires soon is noticed too", async () => {
      const { store, clock } = opened;
      const [later, soon] = [clock.now() + 1e9, clock.now() + 10];
      for (const [round, expireAt] of [later, later, soon].entries()) {
        await store.update({}, (tx) => {
          for (let n = 0; n < (expireAt === soon ? 1 : 600); n++)
            tx.put(at(`${round}-${n}`), "", expireAt);
        });
      }
      const found: number[] = [];
      const counting = store.update({}, async (tx) => {
        const { entries } = await tx.page(within(testRoot), { limit: 2000 });
        if (found.push(entries.length) === 1) clock.advance(10);
        tx.put(key(1, testSpace.name, 2, "count"), String(entries.length), "none");
      });
      await settle(clock, counting);
      expect([found[0], found.at(-1)]).toEqual([1201, 1200]);
    });

    test("reason 6: a limit is kept by counting live index records, swept or not", async () => {
      const { store, clock } = opened;
      const sessions = key(1, testSpace.name, 2);
      const create = (name: string, expireAt: number) =>
        store.update({ exclusive: [sessions] }, async (tx) => {
          const { entries } = await tx.page(within(sessions), { limit: 10 });
          if (entries.length >= 2) return false;
          tx.put(child(sessions, name), "", expireAt);
          return true;
        });
      const now = clock.now();
      const created = [await create("a", now + 10), await create("b", now + 20)];
      expect([...created, await create("c", now + 30)].map(({ result }) => result)).toEqual([
        true,
        true,
        false,
      ]);
      clock.advance(9);
      expect((await create("c", now + 30)).result).toBe(false);
      clock.advance(1);
      expect((await create("c", now + 30)).result).toBe(true);
      expect((await create("d", now + 30)).result).toBe(false);
    });

    test("reason 7: a deleted name is free at once, and what was under it out of reach, purged or not", async () => {
      const { store } = opened;
      const name = at("name");
      const rootOf = (number: number): Key => key(1000 + number, testSpace.name, 1);
      const recordOf = (number: number): Key => child(rootOf(number), "k");
      const create = () =>
        store.update({}, async (tx) => {
          const number = await tx.nextNumber();
          tx.put(name, String(number), "none");
          return number;
        });
      const first = await create();
      const place = { name: "name", record: name, number: first.result, created: first.revision };
      const writeUnder = () =>
        store.update({}, (tx) => {
          tx.expect(alive(place), () => new Error("gone"));
          tx.put(recordOf(place.number), "old", "none");
        });
      await writeUnder();
      await store.update({}, (tx) => {
        tx.delete(name);
        tx.purgeLater(within(rootOf(place.number)));
      });
      const second = await create();
      expect(second.result).not.toBe(place.number);
      expect((await store.get([recordOf(second.result)])).entries).toEqual([undefined]);
      await expect(writeUnder()).rejects.toThrow("gone");
      const root = rootOf(place.number);
      await eventually(opened.clock, async () => (await store.stats(root)).records === 0);
      expect((await store.get([name])).entries[0]?.value).toBe(String(second.result));
    });

    test("reason 11: a watch that nobody reads ends once its place is forgotten, and not before", async () => {
      const { store, clock } = opened;
      const start = await write("a", "1");
      const [slow, slower] = [
        await store.watch([within(testRoot)], start),
        await store.watch([within(testRoot)], start),
      ];
      const next = await write("a", "2");
      clock.advance(3_000_000);
      const reader = slow[Symbol.asyncIterator]();
      expect((await settle(clock, reader.next())).value).toMatchObject({ revision: next });
      clock.advance(1_000_000);
      await write("a", "3");
      await eventually(clock, async () => (await store.historySpan()).floor > start);
      const reading = slower[Symbol.asyncIterator]().next();
      await expect(settle(clock, reading)).rejects.toMatchObject({ kind: "history_gone" });
    });

    test("test 13: what is done to a value that was given or answered does not change what is stored", async () => {
      const { store } = opened;
      const record = key(1, requestSpace.name, "Method", "id");
      const given = { digest: "d", answer: "a" };
      await store.update({}, (tx) => tx.put(record, given, "none"));
      const answered = async () =>
        (await store.get([record])).entries[0]?.value as { answer: string };
      for (const value of [given, await answered()]) {
        try {
          value.answer = "changed";
        } catch (error) {
          expect(error).toBeInstanceOf(TypeError); // frozen, as tests have the values that are kept as they are
        }
      }
      expect(await answered()).toEqual({ digest: "d", answer: "a" });
    });
  });
}
