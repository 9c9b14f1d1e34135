import { type Key, key, stringAfter, within } from "../store/key.ts";
import type { Entry, Store, Tx } from "../store/store.ts";
import {
  type ImportJob,
  importJobs,
  importSpace,
  jobKey,
  type StagedTenant,
  stagedNumbersRoot,
  stagedTenantsRoot,
} from "./import-job.ts";

/** Removes what was written down about an import that is done, or given up, and purges what nobody ever saw of it. */
export async function forgetImport(store: Store, exportId: string): Promise<void> {
  // First of all, so that whoever comes after a crash half way does not take it for one to go on with.
  await store.update({}, async (tx) => {
    const job = (await tx.get<ImportJob>(jobKey(exportId)))?.value;
    if (job !== undefined && !job.done) tx.put(jobKey(exportId), { ...job, done: true }, "none");
  });
  await emptyRoot(store, stagedTenantsRoot(exportId), (tx, { value }) => {
    const { number, result } = value as StagedTenant;
    const isInUse = result?.outcome === "created" || result?.outcome === "replaced";
    if (!isInUse) tx.purgeLater(within(key(number)));
  });
  await emptyRoot(store, stagedNumbersRoot(exportId), () => undefined);
  await store.update({}, (tx) => tx.delete(jobKey(exportId)));
}

/** Gives up the imports that nobody went on with for a day, and finishes those that are done. To be called at a start. */
export async function forgetOldImports(store: Store): Promise<void> {
  let after: Key | undefined;
  do {
    const page = await store.page(importJobs, { limit: 100, ...(after && { after }) });
    for (const { key: job } of page.entries) {
      if (await giveUp(store, job)) {
        await forgetImport(store, stringAfter(key(0, importSpace.name), job));
      }
    }
    after = page.next;
  } while (after !== undefined);
}

/** Marks it in a commit of its own: whoever goes on with it at this moment is then told, and begins anew. */
async function giveUp(store: Store, where: Key): Promise<boolean> {
  const { result } = await store.update({}, async (tx) => {
    const job = (await tx.get<ImportJob>(where))?.value;
    if (job === undefined) return false;
    if (job.done) return true;
    if (job.updatedMs + abandonedMs > store.now()) return false;
    tx.put(where, { ...job, done: true } satisfies ImportJob, "none");
    return true;
  });
  return result;
}

/** Explicitly, not by a purge: the same export may be imported again at once. */
async function emptyRoot(
  store: Store,
  root: Key,
  leave: (tx: Tx, entry: Entry) => void,
): Promise<void> {
  for (;;) {
    const { result } = await store.update({}, async (tx) => {
      const { entries } = await tx.page(within(root), { limit: recordsPerCommit });
      for (const entry of entries) {
        leave(tx, entry);
        tx.delete(entry.key);
      }
      return entries.length;
    });
    if (result === 0) return;
  }
}

const abandonedMs = 24 * 3_600_000;
const recordsPerCommit = 400;
