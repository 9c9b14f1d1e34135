import { tenantNotFound } from "../errors.ts";
import { child, type Key, stringAfter, within } from "../store/key.ts";
import { type Numbered, tenantsRoot } from "../store/layers/directory.ts";
import type { Entry, Snapshot, Statistics, Store } from "../store/store.ts";
import { rootsUnder } from "./roots-under.ts";

/** A tenant as a snapshot has it. */
export interface ExportedTenant {
  readonly name: string;
  readonly number: number;
  readonly entry: Entry;
}

/** The tenants of those names, or all of them. */
export async function findTenants(
  snapshot: Snapshot,
  names: readonly string[],
): Promise<ExportedTenant[]> {
  if (names.length === 0) return allTenants(snapshot);
  const entries = await snapshot.get(names.map((name) => child(tenantsRoot, name)));
  return names.map((name, index) => {
    const entry = entries[index];
    if (entry === undefined) throw tenantNotFound(name);
    return toExportedTenant(name, entry);
  });
}

/** About how much there is: what was there just now, the expired included. */
export async function expectedOf(
  store: Store,
  tenants: readonly ExportedTenant[],
): Promise<Statistics> {
  let records = 0;
  let bytes = 0;
  for (const { number, entry } of tenants) {
    for (const root of await rootsUnder(store, number)) {
      records += root.records;
      bytes += root.bytes;
    }
    records += 1;
    bytes += entry.bytes;
  }
  return { records, bytes };
}

async function allTenants(snapshot: Snapshot): Promise<ExportedTenant[]> {
  const found: ExportedTenant[] = [];
  let after: Key | undefined;
  do {
    const page = await snapshot.page(within(tenantsRoot), {
      limit: tenantsPerPage,
      ...(after && { after }),
    });
    for (const entry of page.entries) {
      found.push(toExportedTenant(stringAfter(tenantsRoot, entry.key), entry));
    }
    after = page.next;
  } while (after !== undefined);
  return found;
}

const toExportedTenant = (name: string, entry: Entry): ExportedTenant => ({
  name,
  number: (entry.value as Numbered).number,
  entry,
});

const tenantsPerPage = 1000;
