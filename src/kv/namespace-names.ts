import { setImmediate } from "node:timers/promises";
import { type Key, stringAfter, within } from "../store/key.ts";
import type { Numbered } from "../store/layers/directory.ts";
import type { Store } from "../store/store.ts";
import { entriesRoot, namespacesRoot } from "./kv-spaces.ts";

/** The names of the tenant's namespaces, by the root under which their entries are counted. */
export async function namespaceNames(
  store: Pick<Store, "page">,
  tenant: number,
): Promise<Map<Key, string>> {
  const root = namespacesRoot(tenant);
  const names = new Map<Key, string>();
  let after: Key | undefined;
  do {
    const page = await store.page(within(root), { limit: namesPerPage, ...(after && { after }) });
    for (const { key, value } of page.entries) {
      names.set(entriesRoot(tenant, (value as Numbered).number), stringAfter(root, key));
    }
    after = page.next;
    if (after !== undefined) await setImmediate();
  } while (after !== undefined);
  return names;
}

const namesPerPage = 1000;
