import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { within } from "../../src/store/key.ts";
import { at, testRoot } from "../support/test-spaces.ts";
import type { OpenedStore, StoreUnderTest } from "./store-contract.ts";

/** A call's deadline is on the clock of the process that serves it, which knows nothing of the store's. */
export function describeDeadlines(subject: StoreUnderTest): void {
  describe("deadlines", () => {
    let opened: OpenedStore;
    beforeEach(async () => {
      opened = await subject.open();
    });
    afterEach(() => opened.store.close());

    test("are not over because the store's clock is ahead of the caller's, which has stepped back", async () => {
      const { store, clock } = opened;
      const before = store.now();
      clock.stepBack(3_600_000);
      expect(store.now()).toBeGreaterThanOrEqual(before);
      const call = { deadline: clock.now() + 1000 };
      const locks = { exclusive: [at("a")] };
      const writing = Array.from({ length: 3 }, () =>
        store.update(locks, (tx) => tx.put(at("a"), "v", "none"), call),
      );
      await expect(Promise.all(writing)).resolves.toHaveLength(3);
      await expect(store.watch([within(testRoot)], "now", call)).resolves.toBeDefined();
    });

    test("that have passed are refused before anything is written", async () => {
      const { store, clock } = opened;
      const call = { deadline: clock.now() };
      const writing = store.update({}, (tx) => tx.put(at("a"), "v", "none"), call);
      await expect(writing).rejects.toMatchObject({ kind: "deadline_exceeded" });
      expect((await store.get([at("a")])).entries).toEqual([undefined]);
    });
  });
}
