import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { child, key, within } from "../../src/store/key.ts";
import { eventually } from "../support/settle.ts";
import { at, testRoot, testSpace } from "../support/test-spaces.ts";
import type { OpenedStore, StoreUnderTest } from "./store-contract.ts";

export function describePurging(subject: StoreUnderTest): void {
  describe("purging", () => {
    let opened: OpenedStore;
    beforeEach(async () => {
      opened = await subject.open();
    });
    afterEach(() => opened.store.close());

    async function fill(count: number): Promise<void> {
      for (let from = 0; from < count; from += 500) {
        await opened.store.update({}, (tx) => {
          for (let n = from; n < Math.min(count, from + 500); n++) tx.put(at(`k${n}`), "v", "none");
        });
      }
    }

    test("reason 7: what a commit leaves unreachable is emptied behind it, and nothing else", async () => {
      const neighbour = child(key(1, testSpace.name, 2), "a");
      await opened.store.update({}, (tx) => tx.put(neighbour, "v", "none"));
      await fill(3500);
      await opened.store.update({}, (tx) => tx.purgeLater(within(testRoot)));
      await eventually(
        opened.clock,
        async () => (await opened.store.stats(testRoot)).records === 0,
      );
      expect(await opened.store.stats(testRoot)).toEqual({ records: 0, bytes: 0 });
      expect((await opened.store.get([neighbour])).entries[0]?.value).toBe("v");
    });

    test("a purge leaves no events and takes no revision", async () => {
      await fill(10);
      const watch = await opened.store.watch([within(testRoot)], "now");
      const { revision } = await opened.store.update({}, (tx) => tx.purgeLater(within(testRoot)));
      await eventually(
        opened.clock,
        async () => (await opened.store.stats(testRoot)).records === 0,
      );
      const last = await opened.store.update({}, (tx) => tx.put(at("after"), "v", "none"));
      expect(last.revision).toBeGreaterThan(revision);
      for await (const commit of watch) {
        expect(commit).toMatchObject({ revision: last.revision, events: [{ type: "put" }] });
        break;
      }
    });
  });
}
