import type { HandlerContext } from "@connectrpc/connect";
import {
  type DeleteNamespaceRequest,
  DeleteNamespaceRequestSchema,
  type DeleteNamespaceResponse,
  DeleteNamespaceResponseSchema,
  type ListNamespacesRequest,
  type ListNamespacesResponse,
  type Namespace,
} from "#gen/tiffin/kv/v1/key_value_service_pb.ts";
import { rpcCallOf } from "../call.ts";
import type { WriteMethod } from "../identified-write.ts";
import { fromPageToken, toPageSize, toPageToken } from "../page-token.ts";
import { child, type Key, key, stringAfter, within } from "../store/key.ts";
import type { Numbered } from "../store/layers/directory.ts";
import type { Entry, Store } from "../store/store.ts";
import { toTimestamp } from "../timestamp.ts";
import { checkNamespace } from "./checked-key.ts";
import { entriesRoot } from "./kv-spaces.ts";
import type { NamespaceTx } from "./namespace-tx.ts";
import type { TenantPlace } from "./places.ts";
import type { Room } from "./room.ts";
import { answerWrite } from "./write.ts";

export async function listNamespaces(
  { reach, store }: Room,
  { pageSize, pageToken }: ListNamespacesRequest,
  context: HandlerContext,
): Promise<ListNamespacesResponse> {
  const call = rpcCallOf(context);
  const query = key("ListNamespaces", call.tenant);
  const last = fromPageToken(query, pageToken);
  return reach.readTenant(call, async (tenant) => {
    const root = tenant.namespacesRoot;
    const after = last === undefined ? {} : { after: child(root, last) };
    const options = { limit: toPageSize(pageSize), ...after };
    const page = await store.page(within(root), options, call);
    const namespaces: Namespace[] = [];
    for (const record of page.entries) {
      const namespace = await describe(store, tenant, record);
      if (namespace !== undefined) namespaces.push(namespace);
    }
    const next = page.next === undefined ? "" : toPageToken(query, stringAfter(root, page.next));
    return {
      $typeName: "tiffin.kv.v1.ListNamespacesResponse",
      namespaces,
      nextPageToken: next,
    };
  });
}

export async function deleteNamespace(
  room: Room,
  request: DeleteNamespaceRequest,
  context: HandlerContext,
): Promise<DeleteNamespaceResponse> {
  const { namespace } = request;
  checkNamespace(namespace);
  const attempt = async (space: NamespaceTx): Promise<DeleteNamespaceResponse> => {
    const { entries } = space;
    if (entries === undefined) return toResponse(0);
    // Beside the transaction: writers are not to make a deletion wait for them. That there is nothing, the commit makes sure.
    const hasEntries = (await isLive(room.store, entries)) || (await isLive(space.tx, entries));
    const { records } = await room.store.stats(entries);
    space.removeNamespace();
    return toResponse(hasEntries ? Math.max(1, records) : 0);
  };
  return answerWrite(room, context, { method, request, write: { namespace, locks: {}, attempt } });
}

/** Undefined when the namespace holds nothing that can still be read. */
async function describe(
  store: Store,
  tenant: TenantPlace,
  record: Entry,
): Promise<Namespace | undefined> {
  const root = entriesRoot(tenant.number, (record.value as Numbered).number);
  const { records, bytes } = await store.stats(root);
  if (records === 0 || !(await isLive(store, root))) return undefined;
  return {
    $typeName: "tiffin.kv.v1.Namespace",
    name: stringAfter(tenant.namespacesRoot, record.key),
    entryCount: BigInt(records),
    bytes: BigInt(bytes),
    createTime: toTimestamp(record.created / 1000), // a revision is in microseconds
  };
}

/** Whether there is more under the root than what has expired and is not swept yet. */
async function isLive(store: Pick<Store, "page">, root: Key): Promise<boolean> {
  let after: Key | undefined;
  do {
    const page = await store.page(within(root), { limit: 1, ...(after && { after }) });
    if (page.entries.length > 0) return true;
    after = page.next;
  } while (after !== undefined);
  return false;
}

const toResponse = (entryCount: number): DeleteNamespaceResponse => ({
  $typeName: "tiffin.kv.v1.DeleteNamespaceResponse",
  deleted: entryCount > 0,
  entryCount: BigInt(entryCount),
});

const method: WriteMethod<
  typeof DeleteNamespaceRequestSchema,
  typeof DeleteNamespaceResponseSchema
> = {
  name: "DeleteNamespace",
  request: DeleteNamespaceRequestSchema,
  response: DeleteNamespaceResponseSchema,
  withoutPrevious: (response) => response,
  stamp: (response) => response,
};
