import { expect, test } from "vitest";
import { openTestStore } from "../../../test/support/open-test-store.ts";
import { quiet } from "../../../test/support/settle.ts";
import { at, testRoot } from "../../../test/support/test-spaces.ts";
import { within } from "../key.ts";
import type { CommitEvents, Store } from "../store.ts";

const write = (store: Store) => store.update({}, (tx) => tx.put(at("a"), "v", "none"));

async function openWatch(store: Store) {
  const leaving = new AbortController();
  const watch = await store.watch([within(testRoot)], "now", { signal: leaving.signal });
  const commits = watch[Symbol.asyncIterator]();
  return {
    next: () => commits.next() as Promise<{ value: CommitEvents }>,
    leave: () => leaving.abort(),
  };
}

test("a watch that opens while the last one leaves is woken all the same", async () => {
  const { store } = await openTestStore({});
  const first = await openWatch(store);
  const ended = first.next().catch(() => "ended");
  await quiet(); // so that it waits
  first.leave();
  const second = await openWatch(store);
  expect(await ended).toBe("ended");
  const { revision } = await write(store);
  expect((await second.next()).value.revision).toBe(revision);
  const waiting = second.next();
  const later = await write(store);
  expect((await waiting).value.revision).toBe(later.revision);
  await store.close();
});

test("a watch that is ended while it reads the history ends", async () => {
  const { store } = await openTestStore({});
  const watch = await openWatch(store);
  const pending = watch.next();
  watch.leave();
  await expect(pending).rejects.toMatchObject({ kind: "cancelled" });
  await store.close();
});
