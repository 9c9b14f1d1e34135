import type { HandlerContext } from "@connectrpc/connect";
import {
  type DeleteRequest,
  DeleteRequestSchema,
  type DeleteResponse,
  DeleteResponseSchema,
} from "#gen/tiffin/tenant/v1/tenant_service_pb.ts";
import { rpcCallOf } from "../call.ts";
import { TiffinError } from "../errors.ts";
import type { WriteMethod } from "../identified-write.ts";
import { key, within } from "../store/key.ts";
import type { Tx } from "../store/store.ts";
import { defaultTenant } from "./create-tenant.ts";
import type { TenantRecord } from "./tenant-record.ts";
import { answerTenantWrite, checkVersion, recordOf, type TenantRoom } from "./tenant-room.ts";

/**
 * One small commit: from then on nothing reaches what was the tenant's, and what that was is purged behind it. What it has elsewhere is
 * deleted after that; also where there is no tenant here, as what is elsewhere may outlive a store in memory.
 */
export async function deleteTenant(
  { store, leavings }: TenantRoom,
  request: DeleteRequest,
  context: HandlerContext,
): Promise<DeleteResponse> {
  const { name, expectedVersion } = request;
  if (name === defaultTenant) {
    throw new TiffinError("tenant_protected", `the tenant ${name} cannot be deleted`, {
      metadata: { tenant: name },
    });
  }
  const record = recordOf(name);
  const attempt = async (tx: Tx): Promise<DeleteResponse> => {
    const entry = await tx.get<TenantRecord>(record);
    checkVersion(name, expectedVersion, entry);
    if (nameForm.test(name)) leavings?.note(tx, name);
    if (entry !== undefined) {
      tx.delete(record);
      tx.purgeLater(within(key(entry.value.number)));
    }
    return { $typeName: "tiffin.tenant.v1.DeleteResponse", deleted: entry !== undefined };
  };
  const answer = await answerTenantWrite(store, context, {
    ...{ method, request, lock: record, attempt },
  });
  await leavings?.finish(name, rpcCallOf(context));
  return answer;
}

/** No other name can have been a tenant's. */
const nameForm = /^[a-z0-9][a-z0-9-]{0,62}$/;

const method: WriteMethod<typeof DeleteRequestSchema, typeof DeleteResponseSchema> = {
  name: "tenant.Delete",
  request: DeleteRequestSchema,
  response: DeleteResponseSchema,
  withoutPrevious: (response) => response,
  stamp: (response) => response,
};
