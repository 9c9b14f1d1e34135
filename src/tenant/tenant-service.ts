import type { HandlerContext, ServiceImpl } from "@connectrpc/connect";
import type {
  GetRequest,
  GetResponse,
  ListRequest,
  ListResponse,
  TenantService,
} from "#gen/tiffin/tenant/v1/tenant_service_pb.ts";
import { rpcCallOf } from "../call.ts";
import { tenantNotFound } from "../errors.ts";
import { fromPageToken, toPageSize, toPageToken } from "../page-token.ts";
import { key, stringAfter, within } from "../store/key.ts";
import { tenantsRoot } from "../store/layers/directory.ts";
import type { Entry } from "../store/store.ts";
import { createTenant } from "./create-tenant.ts";
import { deleteTenant } from "./delete-tenant.ts";
import { type TenantRecord, toTenant } from "./tenant-record.ts";
import { recordOf, type TenantRoom } from "./tenant-room.ts";
import { updateTenant } from "./update-tenant.ts";

/** The tenant room: each method of the contract. Its store was opened with `tenantSpaces`. */
export function createTenantService(room: TenantRoom): ServiceImpl<typeof TenantService> {
  return {
    create: (request, context) => createTenant(room, request, context),
    get: (request, context) => getTenant(room, request, context),
    list: (request, context) => listTenants(room, request, context),
    update: (request, context) => updateTenant(room, request, context),
    delete: (request, context) => deleteTenant(room, request, context),
  };
}

async function getTenant(
  { store }: TenantRoom,
  { name }: GetRequest,
  context: HandlerContext,
): Promise<GetResponse> {
  const { entries } = await store.get([recordOf(name)], rpcCallOf(context));
  const entry = entries[0] as Entry<TenantRecord> | undefined;
  if (entry === undefined) throw tenantNotFound(name);
  return { $typeName: "tiffin.tenant.v1.GetResponse", tenant: toTenant(name, entry) };
}

async function listTenants(
  { store }: TenantRoom,
  { pageSize, pageToken }: ListRequest,
  context: HandlerContext,
): Promise<ListResponse> {
  const query = key("ListTenants");
  const last = fromPageToken(query, pageToken);
  const page = await store.page(
    within(tenantsRoot),
    { limit: toPageSize(pageSize), ...(last === undefined ? {} : { after: recordOf(last) }) },
    rpcCallOf(context),
  );
  return {
    $typeName: "tiffin.tenant.v1.ListResponse",
    tenants: (page.entries as readonly Entry<TenantRecord>[]).map((entry) =>
      toTenant(stringAfter(tenantsRoot, entry.key), entry),
    ),
    nextPageToken:
      page.next === undefined ? "" : toPageToken(query, stringAfter(tenantsRoot, page.next)),
  };
}
