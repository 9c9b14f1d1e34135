import { expect, test } from "vitest";
import { within } from "../../src/store/key.ts";
import { openTestStore } from "../support/open-test-store.ts";
import { at, testRoot } from "../support/test-spaces.ts";

test("reason 3, test 3: after a restart in memory an old version matches nothing, and an old place is no place to resume from", async () => {
  const before = await openTestStore({});
  const put = { op: "put", key: at("a"), value: "v", expireAt: "none" } as const;
  const old = await before.store.update({}, (tx) => tx.put(at("a"), "v", "none"));
  await before.store.close();

  const { store, clock } = await openTestStore({});
  clock.advance(1000);
  await store.update({}, (tx) => tx.put(at("a"), "v", "none"));
  const expected = { key: at("a"), is: { version: old.revision } };
  expect(await store.commit({ expect: [expected], mutations: [put] })).toHaveProperty("conflict");
  const range = { range: within(testRoot), unchangedSince: old.revision };
  expect(await store.commit({ expect: [range], mutations: [put] })).toHaveProperty("conflict");
  await expect(store.watch([within(testRoot)], old.revision)).rejects.toMatchObject({
    kind: "history_gone",
  });
  await store.close();
});
