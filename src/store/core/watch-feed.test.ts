import { expect, test } from "vitest";
import { alteredEngine } from "../../../test/support/altered-engine.ts";
import { openTestStore } from "../../../test/support/open-test-store.ts";
import { quiet } from "../../../test/support/settle.ts";
import { at, testRoot } from "../../../test/support/test-spaces.ts";
import { TiffinError } from "../../errors.ts";
import type { Engine } from "../engine.ts";
import { within } from "../key.ts";
import type { CommitEvents, Revision, Store } from "../store.ts";

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
  let held = Promise.resolve();
  const { store } = await openTestStore({
    alter: (inner) =>
      alteredEngine(inner, {
        history: (after, bytes) => held.then(() => inner.history(after, bytes)),
      }),
  });
  const holdHistory = (): (() => void) => {
    const { promise, resolve } = Promise.withResolvers<void>();
    held = promise;
    return resolve;
  };
  return { store, holdHistory };
}

/** A store whose engine forgets its history the moment it is told to, for one reader. */
async function openForgetfulStore(head: (inner: Engine) => Promise<Revision>) {
  let forgets = false;
  const problems: string[] = [];
  const { store } = await openTestStore({
    report: (problem) => problems.push(problem),
    alter: (inner) =>
      alteredEngine(inner, {
        head: () => head(inner),
        history: async (after, bytes) => {
          const forgot = forgets;
          forgets = false;
          if (forgot) throw new TiffinError("history_gone", "forgotten");
          return inner.history(after, bytes);
        },
      }),
  });
  return {
    store,
    problems,
    forget: () => {
      forgets = true;
    },
  };
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

test("a watch from now on is not refused because what it read of the head is forgotten already", async () => {
  let forgotten = 0;
  const { store } = await openTestStore({
    alter: (inner) =>
      alteredEngine(inner, {
        history: async (after, bytes) => {
          if (forgotten++ < 2) {
            await inner.apply([
              {
                id: `other-${forgotten}`,
                expect: [],
                mutations: [{ op: "put", key: at("other"), value: "v", expireAt: "none" }],
              },
            ]);
            await inner.trim({ bytes: 0, ms: 0 });
          }
          return inner.history(after, bytes);
        },
      }),
  });
  const watch = await openWatch(store);
  const { revision } = await write(store);
  expect((await watch.next()).value).toMatchObject({ revision });
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

test("a watch whose caller goes while it opens leaves nobody listening", async () => {
  const listening = new Set<() => void>();
  const { store } = await openTestStore({
    alter: (inner) =>
      alteredEngine(inner, {
        onHead: (wake) => {
          listening.add(wake);
          return () => listening.delete(wake);
        },
      }),
  });
  const opening = openWatch(store);
  const leaving = new AbortController();
  const other = store.watch([within(testRoot)], "now", { signal: leaving.signal });
  leaving.abort();
  await expect(other).rejects.toMatchObject({ kind: "cancelled" });
  expect(listening.size).toBe(1);
  const watch = await opening;
  watch.leave();
  expect(listening.size).toBe(0);
  await store.close();
});

test("what is written while the feed looks for the head again is not lost", async () => {
  let held = Promise.resolve();
  const { store, forget } = await openForgetfulStore((inner) => held.then(() => inner.head()));
  const watch = await openWatch(store);
  const first = watch.next();
  const second = first.then(() => watch.next());
  await quiet(); // so that it waits
  const { promise, resolve: release } = Promise.withResolvers<void>();
  held = promise;
  forget();
  const written = [await write(store)];
  await quiet(); // so that the feed waits for the head, and whoever need not wait for that has read on
  written.push(await write(store));
  release();
  await quiet();
  written.push(await write(store));
  const seen = [await first, await second, await watch.next()];
  expect(seen.map(({ value }) => value.revision)).toEqual(written.map(({ revision }) => revision));
  watch.leave();
  await store.close();
});

test("a feed that could not even read the head goes on at the next commit", async () => {
  let isDown = false;
  const { store, forget, problems } = await openForgetfulStore((inner) =>
    isDown ? Promise.reject(new Error("down")) : inner.head(),
  );
  const watch = await openWatch(store);
  const first = watch.next();
  await quiet();
  isDown = true;
  forget();
  const { revision } = await write(store);
  await quiet();
  isDown = false;
  const next = await write(store);
  expect((await first).value.revision).toBe(revision);
  expect((await watch.next()).value.revision).toBe(next.revision);
  expect(problems).toEqual(["following the history failed"]);
  watch.leave();
  await store.close();
});
