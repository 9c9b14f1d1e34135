import type { HandlerContext } from "@connectrpc/connect";
import type {
  NamespaceStats,
  SpaceStats,
  StatsRequest,
  StatsResponse,
  TenantStats,
} from "#gen/tiffin/admin/v1/admin_service_pb.ts";
import { rpcCallOf } from "../call.ts";
import { fromPageToken, toPageSize, toPageToken } from "../page-token.ts";
import { child, type Key, key, partsOf, stringAfter, within } from "../store/key.ts";
import { type Numbered, tenantsRoot } from "../store/layers/directory.ts";
import type { RootStatistics, Statistics } from "../store/store.ts";
import type { AdminRoom } from "./admin-room.ts";
import { rootsUnder } from "./roots-under.ts";

export async function stats(
  room: AdminRoom,
  { pageSize, pageToken }: StatsRequest,
  context: HandlerContext,
): Promise<StatsResponse> {
  const { store } = room;
  const query = key("Stats");
  const last = fromPageToken(query, pageToken);
  const page = await store.page(
    within(tenantsRoot),
    { limit: toPageSize(pageSize), ...(last && { after: child(tenantsRoot, last) }) },
    rpcCallOf(context),
  );
  const tenants: TenantStats[] = [];
  let named = 0;
  for (const entry of page.entries) {
    if (named >= namedMax) break;
    const tenant = await tenantStats(room, stringAfter(tenantsRoot, entry.key), entry.value);
    named += tenant.spaces.reduce((sum, { namespaces }) => sum + namespaces.length, 0);
    tenants.push(tenant);
  }
  const isCut = tenants.length < page.entries.length;
  const end = isCut ? page.entries[tenants.length - 1]?.key : page.next;
  const total = await store.stats();
  return {
    $typeName: "tiffin.admin.v1.StatsResponse",
    tenants,
    nextPageToken: end === undefined ? "" : toPageToken(query, stringAfter(tenantsRoot, end)),
    server: spaceStats(await rootsUnder(store, 0), new Map()),
    ...counts(total),
  };
}

async function tenantStats(room: AdminRoom, name: string, value: unknown): Promise<TenantStats> {
  const { number } = value as Numbered;
  const roots = await rootsUnder(room.store, number);
  const spaces = spaceStats(roots, await room.namesOf(room.store, number));
  return { $typeName: "tiffin.admin.v1.TenantStats", name, spaces, ...counts(sumOf(roots)) };
}

/** Roots are in the order of their spaces' names. */
function spaceStats(
  roots: readonly RootStatistics[],
  names: ReadonlyMap<Key, string>,
): SpaceStats[] {
  const bySpace = Map.groupBy(roots, ({ root }) => String(partsOf(root)[1]));
  return [...bySpace].map(([name, ofSpace]) => ({
    $typeName: "tiffin.admin.v1.SpaceStats",
    name,
    namespaces: namespaceStats(ofSpace, names),
    ...counts(sumOf(ofSpace)),
  }));
}

/** The largest, by name. A root without a name is out of reach, and on its way out. */
function namespaceStats(
  roots: readonly RootStatistics[],
  names: ReadonlyMap<Key, string>,
): NamespaceStats[] {
  return roots
    .flatMap(({ root, ...statistics }) => {
      const name = names.get(root);
      return name === undefined ? [] : [{ name, statistics }];
    })
    .sort((a, b) => b.statistics.bytes - a.statistics.bytes)
    .slice(0, namespacesMax)
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .map(({ name, statistics }) => ({
      $typeName: "tiffin.admin.v1.NamespaceStats",
      name,
      ...counts(statistics),
    }));
}

function sumOf(parts: readonly Statistics[]): Statistics {
  let records = 0;
  let bytes = 0;
  for (const part of parts) {
    records += part.records;
    bytes += part.bytes;
  }
  return { records, bytes };
}

const counts = ({ records, bytes }: Statistics) => ({
  records: BigInt(records),
  bytes: BigInt(bytes),
});

/** Namespaces told of each tenant. */
const namespacesMax = 1000;
/** After so many namespaces a page ends: it is to fit a message. */
const namedMax = 10_000;
