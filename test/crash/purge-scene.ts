/** A process that deletes a namespace of many records and goes on under its name, until it is killed half way of purging it. */
import { systemClock } from "../../src/clock.ts";
import type { Failpoint } from "../../src/store/sqlite/failpoint.ts";
import type { Store } from "../../src/store/store.ts";
import { allOf, nameOf, primaryOf } from "./crash-spaces.ts";
import { openCrashStore } from "./open-crash-store.ts";
import { tell } from "./tell.ts";

export interface PurgeScene {
  readonly path: string;
  readonly records: number;
  readonly failpoint: Failpoint;
}

const { path, records, failpoint } = JSON.parse(process.argv[2] ?? "") as PurgeScene;
const name = nameOf("full");
const recordsPerCommit = 1000;
const store = await openCrashStore({ path, instance: "purge", clock: systemClock, failpoint });

const old = await createNamespace(store);
for (let first = 0; first < records; first += recordsPerCommit) {
  await store.update({}, (tx) => {
    for (let each = first; each < Math.min(records, first + recordsPerCommit); each++)
      tx.put(primaryOf(old, `a-${each}`), "v".repeat(64), "none");
  });
}
await store.update({}, (tx) => {
  tx.delete(name);
  tx.purgeLater(allOf(old));
});
// At once: the purge has hardly begun, a step is between any two commits.
const number = await createNamespace(store);
const { entries } = await store.page(allOf(number), { limit: 10 });
await store.update({}, (tx) => tx.put(primaryOf(number, "a-0"), "new", "none"));
tell({ old, number, found: entries.length });

async function createNamespace(under: Store): Promise<number> {
  const { result } = await under.update({}, async (tx) => {
    const number = await tx.nextNumber();
    tx.put(name, { number }, "none");
    return number;
  });
  return result;
}
