import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { eventually } from "../support/settle.ts";
import { at, testRoot } from "../support/test-spaces.ts";
import type { OpenedStore, StoreUnderTest } from "./store-contract.ts";

export function describeExpiry(subject: StoreUnderTest): void {
  describe("expiry", () => {
    let opened: OpenedStore;
    beforeEach(async () => {
      opened = await subject.open();
    });
    afterEach(() => opened.store.close());

    const live = async (name: string) => (await opened.store.get([at(name)])).entries[0];

    test("a record is there until its instant and gone from it on, swept or not", async () => {
      const expireAt = opened.clock.now() + 50;
      await opened.store.update({}, (tx) => tx.put(at("a"), "1", expireAt));
      opened.clock.advance(49);
      expect(await live("a")).toMatchObject({ value: "1", expireAt });
      opened.clock.advance(1);
      expect(await live("a")).toBeUndefined();
    });

    test("what has expired is swept, and its bytes are counted no more", async () => {
      await opened.store.update({}, (tx) => tx.put(at("a"), "1", opened.clock.now() + 50));
      expect(await opened.store.stats(testRoot)).toMatchObject({ records: 1 });
      opened.clock.advance(51);
      await eventually(
        opened.clock,
        async () => (await opened.store.stats(testRoot)).records === 0,
      );
      expect(await opened.store.stats(testRoot)).toEqual({ records: 0, bytes: 0 });
    });

    test("reason 5, test 5: what was touched before the sweep lives on", async () => {
      const { store, clock } = opened;
      await store.update({}, (tx) => tx.put(at("a"), "1", clock.now() + 50));
      clock.advance(49);
      await store.update({}, (tx) => tx.setExpiry(at("a"), clock.now() + 10_000));
      for (let turn = 0; turn < 10; turn++) {
        clock.advance(100);
        expect(await live("a")).toMatchObject({ value: "1" });
      }
    });

    test("writing over an expired record creates it anew", async () => {
      const first = await opened.store.update({}, (tx) =>
        tx.put(at("a"), "1", opened.clock.now() + 5),
      );
      opened.clock.advance(5);
      const second = await opened.store.update({}, (tx) => tx.put(at("a"), "2", "keep"));
      expect(second.revision).toBeGreaterThan(first.revision);
      expect(await live("a")).toMatchObject({ value: "2", created: second.revision });
      expect((await live("a"))?.expireAt).toBeUndefined();
    });
  });
}
