import { limitExceeded } from "../errors.ts";
import { key, within } from "../store/key.ts";
import type { Numbered } from "../store/layers/directory.ts";
import type { Entry, Store } from "../store/store.ts";
import type { KvLimits } from "./kv-limits.ts";
import { entriesRoot } from "./kv-spaces.ts";
import type { TenantPlace } from "./places.ts";

/** A tenant has as many namespaces as it may, the empty ones counted. Never leaves the room. */
export class NamespacesFull extends Error {
  constructor() {
    super("the tenant has as many namespaces as it may");
    this.name = "NamespacesFull";
  }
}

/** Removes namespaces that hold nothing any more, so that a new one finds room; limit_exceeded when none is empty. */
export async function makeRoomForNamespace(
  store: Store,
  tenant: TenantPlace,
  { namespacesMax }: KvLimits,
): Promise<void> {
  let removed = 0;
  let after: Entry["key"] | undefined;
  do {
    const options = { limit: pageSize, ...(after === undefined ? {} : { after }) };
    const page = await store.page(within(tenant.namespacesRoot), options);
    for (const record of page.entries) {
      if (await removeIfEmpty(store, tenant, record)) removed++;
    }
    after = page.next;
  } while (after !== undefined && removed < removedMax);
  if (removed === 0) throw limitExceeded("namespaces", namespacesMax, namespacesMax + 1);
}

/** In one commit that expects it to be empty still: whoever writes to it meanwhile is not lost. */
async function removeIfEmpty(store: Store, tenant: TenantPlace, record: Entry): Promise<boolean> {
  const root = entriesRoot(tenant.number, (record.value as Numbered).number);
  if ((await store.stats(root)).records > 0) return false;
  const { result } = await store.update({}, async (tx) => {
    const [current, page] = [await tx.get(record.key), await tx.page(within(root), { limit: 1 })];
    if (current?.created !== record.created || page.entries.length > 0) return false;
    tx.delete(record.key);
    tx.purgeLater(within(root));
    return true;
  });
  return result;
}

/** Locked by all who add a namespace to the tenant: so that no two find the last room. */
export const namespacesLock = (tenant: TenantPlace) => key(tenant.number, "namespaces");

const pageSize = 100;
/** One creation need not look through all of them. */
const removedMax = 100;
