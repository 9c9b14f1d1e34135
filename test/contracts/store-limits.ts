import { afterEach, describe, expect, test } from "vitest";
import { within } from "../../src/store/key.ts";
import { at, testRoot } from "../support/test-spaces.ts";
import type { OpenedStore, StoreUnderTest } from "./store-contract.ts";

export function describeLimits(subject: StoreUnderTest): void {
  describe("limits", () => {
    let opened: OpenedStore | undefined;
    afterEach(() => opened?.store.close());

    test("reason 16, test 12: a key over the limit is refused, naming the limit and the size", async () => {
      opened = await subject.open({ keyBytes: 64 });
      const { store } = opened;
      const long = at("k".repeat(64));
      await expect(store.update({}, (tx) => tx.put(long, "v", "none"))).rejects.toMatchObject({
        kind: "key_too_large",
        details: { metadata: { limit: "keyBytes", max: "64", actual: String(long.length) } },
      });
    });

    test("a value over the limit is refused, and nothing of its commit is applied", async () => {
      opened = await subject.open({ valueBytes: 10 });
      const { store } = opened;
      const writing = store.update({}, (tx) => {
        tx.put(at("small"), "v", "none");
        tx.put(at("large"), "v".repeat(11), "none");
      });
      await expect(writing).rejects.toMatchObject({ kind: "value_too_large" });
      expect((await store.page(within(testRoot), { limit: 10 })).entries).toEqual([]);
    });

    test("a commit of too many records or bytes is refused", async () => {
      opened = await subject.open({ commitRecords: 2, commitBytes: 1000 });
      const { store } = opened;
      const three = store.update({}, (tx) => {
        for (const name of ["a", "b", "c"]) tx.put(at(name), "v", "none");
      });
      await expect(three).rejects.toMatchObject({
        kind: "limit_exceeded",
        details: { metadata: { limit: "commitRecords", max: "2", actual: "3" } },
      });
      const large = store.update({}, (tx) => tx.put(at("a"), "v".repeat(1000), "none"));
      await expect(large).rejects.toMatchObject({
        details: { metadata: { limit: "commitBytes" } },
      });
    });

    test("a deletion may say why in 64 bytes, and not in more or in half a character", async () => {
      opened = await subject.open();
      const { store } = opened;
      await store.update({}, (tx) => tx.put(at("a"), "v", "none"));
      const deleting = (why: string) => store.update({}, (tx) => tx.delete(at("a"), why));
      await expect(deleting(`${"\u00ff".repeat(32)}w`)).rejects.toMatchObject({
        kind: "limit_exceeded",
        details: { metadata: { limit: "whyBytes", max: "64", actual: "65" } },
      });
      await expect(deleting("\ud800")).rejects.toMatchObject({ kind: "invalid_field" });
      expect((await store.get([at("a")])).entries[0]).toMatchObject({ value: "v" });
      await deleting("\u00ff".repeat(32));
      expect((await store.get([at("a")])).entries).toEqual([undefined]);
    });

    test("after close every write is refused", async () => {
      opened = await subject.open();
      const { store } = opened;
      await store.close();
      await expect(store.update({}, (tx) => tx.put(at("a"), "v", "none"))).rejects.toMatchObject({
        kind: "shutting_down",
      });
      opened = undefined;
    });
  });
}
