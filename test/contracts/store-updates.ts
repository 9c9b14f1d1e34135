import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { only, within } from "../../src/store/key.ts";
import { settle } from "../support/settle.ts";
import { at, testRoot } from "../support/test-spaces.ts";
import type { OpenedStore, StoreUnderTest } from "./store-contract.ts";

export function describeUpdates(subject: StoreUnderTest): void {
  describe("update", () => {
    let opened: OpenedStore;
    beforeEach(async () => {
      opened = await subject.open();
    });
    afterEach(() => opened.store.close());

    const write = (name: string, value: string) =>
      opened.store.update({}, (tx) => tx.put(at(name), value, "none"));
    const read = async (name: string) => (await opened.store.get([at(name)])).entries[0]?.value;

    test("writes what the attempt put, at the revision it answers", async () => {
      const { revision } = await write("a", "1");
      const { head, entries } = await opened.store.get([at("a")]);
      expect(entries[0]).toMatchObject({ value: "1", version: revision, created: revision });
      expect(head).toBe(revision);
    });

    test("an attempt sees its own puts, deletes and expiries", async () => {
      await write("a", "old");
      await opened.store.update({}, async (tx) => {
        tx.put(at("a"), "new", 1e15);
        expect(await tx.get(at("a"))).toMatchObject({ value: "new", version: 0, expireAt: 1e15 });
        tx.setExpiry(at("a"), "none");
        expect((await tx.get(at("a")))?.expireAt).toBeUndefined();
        tx.delete(at("a"));
        expect(await tx.get(at("a"))).toBeUndefined();
        tx.put(at("a"), "again", "keep");
        expect(await tx.get(at("a"))).toMatchObject({ value: "again" });
      });
      expect(await read("a")).toBe("again");
    });

    test("a page within an attempt holds its own writes, in order", async () => {
      for (const name of ["a", "c", "e"]) await write(name, name);
      await opened.store.update({}, async (tx) => {
        tx.put(at("b"), "b", "none");
        tx.delete(at("c"));
        const forward = await tx.page(within(testRoot), { limit: 10 });
        expect(forward.entries.map((entry) => entry.value)).toEqual(["a", "b", "e"]);
        const back = await tx.page(within(testRoot), { limit: 10, descending: true });
        expect(back.entries.map((entry) => entry.value)).toEqual(["e", "b", "a"]);
      });
    });

    test("a put after a delete in one attempt, or anew, makes another record under the key", async () => {
      const { revision } = await write("a", "1");
      await write("b", "1");
      const { revision: later } = await opened.store.update({}, async (tx) => {
        tx.delete(at("a"));
        tx.put(at("a"), "2", "none");
        tx.put(at("a"), "3", "keep");
        tx.putAnew(at("b"), "2", "none");
        expect(await tx.get(at("b"))).toMatchObject({ value: "2", created: 0 });
      });
      const { entries } = await opened.store.get([at("a"), at("b")]);
      expect(entries).toMatchObject([
        { value: "3", created: later },
        { value: "2", created: later },
      ]);
      expect(later).toBeGreaterThan(revision);
    });

    test("what an attempt has range-deleted is gone for it, and cannot be written again", async () => {
      for (const name of ["a", "b"]) await write(name, name);
      await opened.store.update({}, async (tx) => {
        tx.deleteRange(only(at("a")));
        tx.setExpiry(at("a"), 1e15);
        expect(await tx.get(at("a"))).toBeUndefined();
        const page = await tx.page(within(testRoot), { limit: 10 });
        expect(page.entries.map((entry) => entry.value)).toEqual(["b"]);
        expect(() => tx.put(at("a"), "v", "none")).toThrow("range-deleted");
      });
      expect(await read("a")).toBeUndefined();
    });

    test("an attempt whose read was overtaken runs again and loses no update", async () => {
      await write("n", "0");
      let attempts = 0;
      const add = () =>
        opened.store.update({}, async (tx) => {
          attempts++;
          const count = Number((await tx.get(at("n")))?.value);
          tx.put(at("n"), String(count + 1), "none");
        });
      await settle(opened.clock, Promise.all([add(), add(), add(), add()]));
      expect(await read("n")).toBe("4");
      expect(attempts).toBeGreaterThanOrEqual(4);
    });

    test("reason 4, test 4: two updates that each found the range small enough do not both add to it", async () => {
      const addIfFewerThanTwo = (name: string) =>
        opened.store.update({}, async (tx) => {
          const { entries } = await tx.page(within(testRoot), { limit: 10 });
          if (entries.length < 2) tx.put(at(name), name, "none");
        });
      const adding = ["a", "b", "c", "d", "e"].map(addIfFewerThanTwo);
      await settle(opened.clock, Promise.all(adding));
      expect((await opened.store.page(within(testRoot), { limit: 10 })).entries).toHaveLength(2);
    });

    test("reason 4: an update runs again when what it found in a range expired before it was committed", async () => {
      await opened.store.update({}, (tx) => tx.put(at("a"), "v", opened.clock.now() + 10));
      await write("b", "v");
      const found: number[] = [];
      const counting = opened.store.update({}, async (tx) => {
        const { entries } = await tx.page(within(testRoot), { limit: 10 });
        if (found.push(entries.length) === 1) opened.clock.advance(10);
        tx.put(at("count"), String(entries.length), "none");
      });
      await settle(opened.clock, counting);
      // Sweeping what has expired may make it run once more, where a commit takes its time.
      expect([found[0], new Set(found.slice(1))]).toEqual([2, new Set([1])]);
      expect(await read("count")).toBe("1");
    });

    test("a page alone, read of what expires, is validated by nothing but itself", async () => {
      await opened.store.update({}, (tx) => tx.put(at("a"), "v", opened.clock.now() + 10));
      const looking = opened.store.update({}, async (tx) => {
        const { entries } = await tx.page(within(testRoot), { limit: 10 });
        opened.clock.advance(10);
        return entries.length;
      });
      expect((await looking).result).toBe(1);
    });

    test("a condition of the caller's own that is broken throws the caller's error, once", async () => {
      const { revision } = await write("a", "1");
      let attempts = 0;
      const refused = opened.store.update({}, (tx) => {
        attempts++;
        tx.expect({ key: at("a"), is: { version: revision - 1 } }, ({ actual }) => {
          return new Error(`it is ${actual?.version}`);
        });
        tx.put(at("a"), "2", "none");
      });
      await expect(refused).rejects.toThrow(`it is ${revision}`);
      expect(attempts).toBe(1);
      expect(await read("a")).toBe("1");
    });

    test("what an attempt throws over a state that was there is final, and nothing is applied", async () => {
      const failing = opened.store.update({}, async (tx) => {
        await tx.get(at("a"));
        tx.put(at("a"), "1", "none");
        throw new Error("no");
      });
      await expect(failing).rejects.toThrow("no");
      expect(await read("a")).toBeUndefined();
    });

    test("test 7: what an attempt throws over reads that never were true together is tried again", async () => {
      await write("a", "1");
      await write("b", "1");
      let attempts = 0;
      const comparing = opened.store.update({}, async (tx) => {
        const a = await tx.get(at("a"));
        if (attempts++ === 0) {
          await opened.store.commit({
            expect: [],
            mutations: [
              { op: "put", key: at("a"), value: "2", expireAt: "none" },
              { op: "put", key: at("b"), value: "2", expireAt: "none" },
            ],
          });
        }
        const b = await tx.get(at("b"));
        if (a?.value !== b?.value) throw new Error("torn");
        return b?.value;
      });
      await expect(settle(opened.clock, comparing)).resolves.toMatchObject({ result: "2" });
      expect(attempts).toBe(2);
    });

    test("an update that depends on an expiry runs again when only the expiry changed", async () => {
      await write("a", "1");
      let attempts = 0;
      const extending = opened.store.update({}, async (tx) => {
        const entry = await tx.get(at("a"));
        if (entry === undefined) throw new Error("absent");
        tx.expectExpiry(entry);
        if (attempts++ === 0) {
          await opened.store.commit({
            expect: [],
            mutations: [{ op: "setExpiry", key: at("a"), expireAt: 5e15 }],
          });
        }
        tx.setExpiry(at("a"), Math.max(entry.expireAt ?? 0, 4e15));
      });
      await settle(opened.clock, extending);
      expect(attempts).toBe(2);
      expect((await opened.store.get([at("a")])).entries[0]?.expireAt).toBe(5e15);
    });

    test("reason 5, test 5: an update of the value is not disturbed by a change of the expiry", async () => {
      await write("a", "1");
      let attempts = 0;
      await opened.store.update({}, async (tx) => {
        attempts++;
        await tx.get(at("a"));
        await opened.store.commit({
          expect: [],
          mutations: [{ op: "setExpiry", key: at("a"), expireAt: 5e15 }],
        });
        tx.put(at("a"), "2", "keep");
      });
      expect(attempts).toBe(1);
      expect((await opened.store.get([at("a")])).entries[0]).toMatchObject({
        value: "2",
        expireAt: 5e15,
      });
    });

    test("answers what was there before each write, without a read", async () => {
      await write("a", "1");
      const updated = await opened.store.update({}, (tx) => {
        tx.wantPrevious();
        tx.put(at("b"), "new", "none");
        tx.put(at("a"), "2", "none");
      });
      expect(updated.previous(at("a"))?.value).toBe("1");
      expect(updated.previous(at("b"))).toBeUndefined();
    });

    test("gives up after 16 attempts with contention, having applied nothing", async () => {
      await write("n", "0");
      let attempts = 0;
      const unlucky = opened.store.update({}, async (tx) => {
        attempts++;
        await tx.get(at("n"));
        await opened.store.commit({
          expect: [],
          mutations: [{ op: "put", key: at("n"), value: `other ${attempts}`, expireAt: "none" }],
        });
        tx.put(at("n"), "mine", "none");
      });
      await expect(settle(opened.clock, unlucky)).rejects.toMatchObject({ kind: "contention" });
      expect(attempts).toBe(16);
      expect(await read("n")).toBe("other 16");
    });

    test("ends at the deadline while it retries", async () => {
      await write("n", "0");
      const deadline = opened.clock.now() + 20;
      const unlucky = opened.store.update(
        {},
        async (tx) => {
          await tx.get(at("n"));
          await opened.store.commit({
            expect: [],
            mutations: [{ op: "put", key: at("n"), value: "other", expireAt: "none" }],
          });
          tx.put(at("n"), "mine", "none");
        },
        { deadline },
      );
      await expect(settle(opened.clock, unlucky)).rejects.toMatchObject({
        kind: "deadline_exceeded",
      });
    });

    test("numbers are never answered twice, however many ask at once", async () => {
      const asking = Array.from({ length: 200 }, () =>
        opened.store.update({}, (tx) => tx.nextNumber()),
      );
      const numbers = (await Promise.all(asking)).map(({ result }) => result);
      expect(new Set(numbers).size).toBe(200);
    });

    test("a commit without mutations only checks, and takes no revision", async () => {
      const { revision } = await write("a", "1");
      const checked = await opened.store.commit({
        expect: [{ key: at("a"), is: { version: revision } }],
        mutations: [],
      });
      expect(checked).toMatchObject({ revision });
    });
  });
}
