import type { HandlerContext } from "@connectrpc/connect";
import {
  type Tenant,
  type UpdateRequest,
  UpdateRequestSchema,
  type UpdateResponse,
  UpdateResponseSchema,
} from "#gen/tiffin/tenant/v1/tenant_service_pb.ts";
import { invalidField, tenantNotFound } from "../errors.ts";
import type { WriteMethod } from "../identified-write.ts";
import type { Tx } from "../store/store.ts";
import { isUnbounded, toSessionBounds } from "./session-bounds-message.ts";
import { type TenantRecord, toLabels, toTenant } from "./tenant-record.ts";
import { answerTenantWrite, checkVersion, recordOf, type TenantRoom } from "./tenant-room.ts";

export async function updateTenant(
  { store }: TenantRoom,
  request: UpdateRequest,
  context: HandlerContext,
): Promise<UpdateResponse> {
  const { tenant, expectedVersion } = request;
  if (tenant === undefined) throw invalidField("tenant", "is required");
  const changes = toChanges(tenant, request.updateMask?.paths);
  const record = recordOf(tenant.name);
  const attempt = async (tx: Tx): Promise<UpdateResponse> => {
    const entry = await tx.get<TenantRecord>(record);
    if (entry === undefined) throw tenantNotFound(tenant.name);
    checkVersion(tenant.name, expectedVersion, entry);
    const updateTimeMs = Math.max(Math.floor(tx.now()), entry.value.updateTimeMs);
    const value = Object.freeze({ ...entry.value, ...changes, updateTimeMs });
    tx.put(record, value, "none");
    const updated = toTenant(tenant.name, { value, version: 0 });
    return { $typeName: "tiffin.tenant.v1.UpdateResponse", tenant: updated };
  };
  return answerTenantWrite(store, context, { method, request, lock: record, attempt });
}

type Changes = Partial<Pick<TenantRecord, "displayName" | "labels" | "sessionBounds">>;

/** The fields that the mask names (AIP-134): none given, those that say something; `*`, all that can be changed. */
function toChanges(tenant: Tenant, paths: readonly string[] | undefined): Changes {
  const { displayName } = tenant;
  const sessionBounds = toSessionBounds(tenant.sessionBounds);
  const all = { displayName, labels: toLabels(tenant.labels), sessionBounds };
  if (paths === undefined) {
    return {
      ...(displayName !== "" && { displayName }),
      ...(all.labels.length > 0 && { labels: all.labels }),
      ...(!isUnbounded(sessionBounds) && { sessionBounds }),
    };
  }
  let changes: Changes = {};
  for (const path of paths) changes = { ...changes, ...changeOf(path, all) };
  return changes;
}

function changeOf(path: string, all: Required<Changes>): Changes {
  switch (path) {
    case "display_name":
      return { displayName: all.displayName };
    case "labels":
      return { labels: all.labels };
    case "session_bounds":
      return { sessionBounds: all.sessionBounds };
    case "*":
      return all;
    default:
      throw invalidField(
        "update_mask",
        "only display_name, labels and session_bounds can be changed",
        path,
      );
  }
}

const method: WriteMethod<typeof UpdateRequestSchema, typeof UpdateResponseSchema> = {
  name: "tenant.Update",
  request: UpdateRequestSchema,
  response: UpdateResponseSchema,
  withoutPrevious: (response) => response,
  stamp(response, revision) {
    if (response.tenant !== undefined) response.tenant.version = revision;
    return response;
  },
};
