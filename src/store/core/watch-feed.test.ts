import { expect, test } from "vitest";
import { ManualClock } from "../../../test/support/manual-clock.ts";
import { allSpaces, openTestEngine, openTestStore } from "../../../test/support/open-test-store.ts";
import { quiet } from "../../../test/support/settle.ts";
import { at, testRoot } from "../../../test/support/test-spaces.ts";
import type { Engine } from "../engine.ts";
import { within } from "../key.ts";
import type { Commit, CommitEvents, Revision, Store } from "../store.ts";
import { CoreStore } from "./core-store.ts";

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

/** A store whose engine can be told to keep those waiting who read its history. */
async function openHeldStore(): Promise<{ store: Store; holdHistory: () => () => void }> {
  const clock = new ManualClock();
  const inner = await openTestEngine(clock);
  let held = Promise.resolve();
  const engine: Engine = Object.assign(Object.create(inner) as Engine, {
    now: () => inner.now(),
    head: () => inner.head(),
    onHead: (wake: () => void) => inner.onHead(wake),
    apply: (batch: readonly Commit[]) => inner.apply(batch),
    history: (after: Revision, bytes: number) => held.then(() => inner.history(after, bytes)),
    close: () => inner.close(),
  });
  const store = new CoreStore({
    engine,
    spaces: allSpaces,
    clock,
    random: () => 0.5,
    instance: "test",
    history: { bytes: 1e6, ms: 1e6 },
    report: (problem, cause) => {
      throw new Error(problem, { cause });
    },
  });
  const holdHistory = (): (() => void) => {
    const { promise, resolve } = Promise.withResolvers<void>();
    held = promise;
    return resolve;
  };
  return { store, holdHistory };
}

test("a watch that opens while the last one leaves is woken all the same", async () => {
  const { store, holdHistory } = await openHeldStore();
  const first = await openWatch(store);
  const ended = first.next().catch(() => "ended");
  await quiet(); // so that it waits
  const release = holdHistory();
  first.leave();
  const opening = openWatch(store);
  expect(await ended).toBe("ended");
  await quiet(); // so that all of its leaving is over while the other is on its way
  release();
  const second = await opening;
  const waiting = second.next();
  await quiet();
  const { revision } = await write(store);
  expect((await waiting).value.revision).toBe(revision);
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
