import { expect } from "vitest";
import { child, type Key, key, startingWith, within } from "../../src/store/key.ts";
import { alive } from "../../src/store/layers/directory.ts";
import type { CommitEvents, Revision, Store, Watch } from "../../src/store/store.ts";
import { at, testRoot } from "../support/test-spaces.ts";

/** Races of several stores on one server, each with what must hold when it is over. Run in order here, in any order there. */

type Settle = <T>(work: Promise<T>) => Promise<T>;

/** Read-modify-write of one number. */
export const increment = (store: Store, target: Key = at("n")): Promise<number> =>
  store
    .update({ exclusive: [target] }, async (tx) => {
      const count = Number((await tx.get(target))?.value ?? 0) + 1;
      tx.put(target, String(count), "none");
      return count;
    })
    .then(({ result }) => result);

export const write = async (store: Store, name: string, value = "v"): Promise<Revision> =>
  (await store.update({}, (tx) => tx.put(at(name), value, "none"))).revision;

export async function storedIn(store: Store, name: string): Promise<unknown> {
  return (await store.get([at(name)])).entries[0]?.value;
}

/** Each creates one record unless there are as many as the limit: there are never more, and none is turned away early. */
export async function createToLimit(stores: readonly Store[], settle: Settle): Promise<void> {
  const limit = 2;
  const creating = [1, 2, 3].flatMap((round) =>
    stores.map((store, n) =>
      store.update({}, async (tx) => {
        const { entries } = await tx.page(startingWith(testRoot, "s"), { limit: 10 });
        if (entries.length < limit) tx.put(at(`s-${round}-${n}`), "v", "none");
      }),
    ),
  );
  await settle(Promise.all(creating));
  const found = await settle(stores.map(sessionsIn)[0] as Promise<number>);
  expect(found).toBe(limit);
}

const sessionsIn = async (store: Store): Promise<number> =>
  (await store.page(startingWith(testRoot, "s"), { limit: 10 })).entries.length;

/** A child is created under its parent while the parent, which must have no children, is deleted: there is no orphan. */
export async function createAndDeleteParent(
  stores: readonly [Store, Store],
  settle: Settle,
): Promise<void> {
  const [first, second] = stores;
  const parent = at("parent");
  const children = startingWith(testRoot, "child");
  await settle(write(first, "parent"));
  const creating = first.update({}, async (tx) => {
    if ((await tx.get(parent)) !== undefined) tx.put(at("child"), "v", "none");
  });
  const deleting = second.update({}, async (tx) => {
    const { entries } = await tx.page(children, { limit: 1 });
    if (entries.length === 0) tx.delete(parent);
  });
  await settle(Promise.all([creating, deleting]));
  const { entries } = await settle(first.get([parent, at("child")]));
  expect(entries.map((entry) => entry !== undefined)).not.toEqual([false, true]);
}

/** Writes under a name race with the deletion of the name: none of them stands after it. */
export async function writeUnderDeletedName(
  stores: readonly [Store, Store],
  settle: Settle,
): Promise<void> {
  const [first, second] = stores;
  const name = at("name");
  const created = await settle(write(first, "name", "stands for 7"));
  const place = { name: "name", record: name, number: 7, created };
  const under = key(1, "test", place.number);
  const gone = () => new Error("gone");
  const deleting = second.update({}, (tx) => {
    tx.expect(alive(place), gone);
    tx.delete(name);
  });
  const writing = [...stores, ...stores].map((store, n) =>
    store
      .update({}, (tx) => {
        tx.expect(alive(place), gone);
        tx.put(child(under, `k${n}`), "v", "none");
      })
      .then(
        ({ revision }) => revision,
        (error: Error) => {
          expect(error.message).toBe("gone");
          return 0;
        },
      ),
  );
  const [deleted, ...written] = await settle(Promise.all([deleting, ...writing]));
  for (const revision of written) expect(revision).toBeLessThan(deleted.revision);
  const left = await settle(first.page(within(under), { limit: 10 }));
  expect(left.entries.map(({ version }) => version).sort()).toEqual(
    written.filter((revision) => revision > 0).sort(),
  );
}

/** The first so many commits that the watch answers. */
export async function take(watch: Watch, count: number): Promise<CommitEvents[]> {
  const commits: CommitEvents[] = [];
  for await (const commit of watch) {
    commits.push(commit);
    if (commits.length === count) break;
  }
  return commits;
}
