import fc from "fast-check";
import { expect, test } from "vitest";
import { startingWith } from "../../src/store/key.ts";
import type { Revision, Store, Watch } from "../../src/store/store.ts";
import { propertyParameters } from "../support/property.ts";
import { openScheduledStore } from "../support/scheduled-engine.ts";
import { at, testRoot } from "../support/test-spaces.ts";

const names = ["a1", "a2", "b1", "b2"];

test("reason 2: every watch answers the commits in its range, in order and once each, whatever comes late", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.scheduler(),
      fc.array(fc.constantFrom(...names), { minLength: 1, maxLength: 12 }),
      async (scheduler, writes) => {
        const store = await openScheduledStore(scheduler, { locking: false });
        const watched = ["a", "b"].map(async (prefix) => {
          const watch = await store.watch([startingWith(testRoot, prefix)], "now");
          return { prefix, seen: follow(watch, { until: `${prefix}-end` }) };
        });
        const watches = await scheduler.waitFor(Promise.all(watched));
        const written = await scheduler.waitFor(writeAll(store, writes));
        for (const { prefix, seen } of watches) {
          const expected = written.filter(({ name }) => name.startsWith(prefix));
          expect(await scheduler.waitFor(seen)).toEqual(expected.map(({ revision }) => revision));
        }
      },
    ),
    propertyParameters(),
  );
});

/** Writes at once, then the two keys at which the watches end. */
async function writeAll(store: Store, writes: readonly string[]) {
  const write = async (name: string): Promise<{ name: string; revision: Revision }> => ({
    name,
    revision: (await store.update({}, (tx) => tx.put(at(name), "v", "none"))).revision,
  });
  const written = await Promise.all(writes.map(write));
  const last = await Promise.all(["a-end", "b-end"].map(write));
  return [...written, ...last].sort((a, b) => a.revision - b.revision);
}

async function follow(watch: Watch, { until }: { until: string }): Promise<Revision[]> {
  const seen: Revision[] = [];
  for await (const commit of watch) {
    seen.push(commit.revision);
    if (commit.events.some((event) => event.type === "put" && event.entry.key === at(until))) break;
  }
  return seen;
}
