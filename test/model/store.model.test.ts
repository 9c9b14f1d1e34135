import fc from "fast-check";
import { expect, test } from "vitest";
import { type Key, within } from "../../src/store/key.ts";
import type { CommitEvents, Store } from "../../src/store/store.ts";
import { openTestStore } from "../support/open-test-store.ts";
import { propertyParameters } from "../support/property.ts";
import { at, testRoot } from "../support/test-spaces.ts";
import { storeCommands } from "./store-commands.ts";
import { StoreModel } from "./store-model.ts";

for (const locking of [false, true]) {
  test(`the store is what its model says, ${locking ? "with" : "without"} locks, and its history replays to it`, async () => {
    await fc.assert(
      fc.asyncProperty(fc.commands(storeCommands, { maxCommands: 40 }), async (commands) => {
        const { store, clock } = await openTestStore({ locking });
        const start = (await store.get([])).head;
        const model = new StoreModel(clock.now());
        await fc.asyncModelRun(() => ({ model, real: { store, clock } }), commands);
        const commits = await historySince(store, start);
        const replayed = replay(commits);
        for (const [name, entry] of model.list(""))
          expect(replayed.get(at(name))).toBe(entry.value);
        expect(replayed.size).toBe((await store.stats(testRoot)).records);
        const deletions = model.deletions.map(([name, why]) => [at(name), why]);
        expect(deletionsIn(commits)).toEqual([...deletions, [at("last"), undefined]]);
        await store.close();
      }),
      propertyParameters(),
    );
  });
}

/** Every commit from the start to now, as a watch answers them. */
async function historySince(store: Store, start: number): Promise<CommitEvents[]> {
  const watch = await store.watch([within(testRoot)], start);
  const { revision: last } = await store.update({}, (tx) => tx.put(at("last"), "v", "none"));
  await store.update({}, (tx) => tx.delete(at("last")));
  const commits: CommitEvents[] = [];
  for await (const commit of watch) {
    commits.push(commit);
    if (commit.revision > last) return commits;
  }
  return commits;
}

/** What was deleted, in order, and why. */
const deletionsIn = (commits: readonly CommitEvents[]) =>
  commits
    .flatMap(({ events }) => events)
    .filter((event) => event.type === "deleted")
    .map(({ key, why }) => [key, why]);

/** What the events alone say is stored. Every previous value must be what they said before. */
function replay(commits: readonly CommitEvents[]): Map<Key, unknown> {
  const stored = new Map<Key, unknown>();
  for (const event of commits.flatMap(({ events }) => events)) {
    if (event.type === "put") {
      expect(event.previous?.value).toBe(stored.get(event.entry.key));
      stored.set(event.entry.key, event.entry.value);
    } else if (event.type !== "rangeDeleted") {
      expect(event.previous.value).toBe(stored.get(event.key));
      stored.delete(event.key);
    }
  }
  return stored;
}
