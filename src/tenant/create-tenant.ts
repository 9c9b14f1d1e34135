import type { HandlerContext } from "@connectrpc/connect";
import {
  type CreateRequest,
  CreateRequestSchema,
  type CreateResponse,
  CreateResponseSchema,
  type Tenant,
} from "#gen/tiffin/tenant/v1/tenant_service_pb.ts";
import { invalidField, limitExceeded, TiffinError } from "../errors.ts";
import type { WriteMethod } from "../identified-write.ts";
import { tenantsRoot } from "../store/layers/directory.ts";
import type { Store, Tx } from "../store/store.ts";
import { isUnbounded, toSessionBounds } from "./session-bounds-message.ts";
import { type TenantRecord, toLabels, toTenant } from "./tenant-record.ts";
import { answerTenantWrite, recordOf, type TenantRoom } from "./tenant-room.ts";

/** There from the start and to the end: where calls go that name no tenant. */
export const defaultTenant = "default";

export async function createTenant(
  { store, limits, leavings }: TenantRoom,
  request: CreateRequest,
  context: HandlerContext,
): Promise<CreateResponse> {
  const { tenant } = request;
  if (tenant === undefined) throw invalidField("tenant", "is required");
  const attempt = async (tx: Tx): Promise<CreateResponse> => {
    if ((await tx.get(recordOf(tenant.name))) !== undefined) throw alreadyExists(tenant.name);
    await leavings?.expectNone(tx, tenant.name);
    const { records } = await store.stats(tenantsRoot);
    if (records >= limits.tenantsMax) {
      throw limitExceeded("tenants", limits.tenantsMax, records + 1);
    }
    return { $typeName: "tiffin.tenant.v1.CreateResponse", tenant: await put(tx, tenant) };
  };
  // One lock for all creations: so that no two find the last room.
  const make = (): Promise<CreateResponse> =>
    answerTenantWrite(store, context, { method, request, lock: tenantsRoot, attempt });
  return leavings === undefined ? make() : leavings.afterLeft(make);
}

/** Makes the default tenant unless it is there; several processes may try at once. */
export async function ensureDefaultTenant(store: Store): Promise<void> {
  const record = recordOf(defaultTenant);
  await store.update({ exclusive: [tenantsRoot] }, async (tx) => {
    if ((await tx.get(record)) !== undefined) return;
    await put(tx, { name: defaultTenant, displayName: "", labels: {} });
  });
}

async function put(
  tx: Tx,
  { name, displayName, labels, sessionBounds }: NewTenant,
): Promise<Tenant> {
  const now = Math.floor(tx.now());
  const bounds = toSessionBounds(sessionBounds);
  const record: TenantRecord = Object.freeze({
    number: await tx.nextNumber(),
    displayName,
    labels: toLabels(labels),
    createTimeMs: now,
    updateTimeMs: now,
    ...(!isUnbounded(bounds) && { sessionBounds: bounds }),
  });
  tx.put(recordOf(name), record, "none");
  return toTenant(name, { value: record, version: 0 });
}

type NewTenant = Pick<Tenant, "name" | "displayName" | "labels" | "sessionBounds">;

const alreadyExists = (name: string): TiffinError =>
  new TiffinError("tenant_already_exists", `tenant.name: there is a tenant ${name} already`, {
    metadata: { tenant: name },
  });

const method: WriteMethod<typeof CreateRequestSchema, typeof CreateResponseSchema> = {
  name: "tenant.Create",
  request: CreateRequestSchema,
  response: CreateResponseSchema,
  withoutPrevious: (response) => response,
  stamp(response, revision) {
    if (response.tenant !== undefined) response.tenant.version = revision;
    return response;
  },
};
