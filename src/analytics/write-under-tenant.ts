import type { RpcCall } from "../call.ts";
import { TiffinError, tenantNotFound } from "../errors.ts";
import type { AnalyticsRoom } from "./analytics-room.ts";

/**
 * Runs a write of the call's tenant. Series are in another store than tenants, so the tenant may go while it runs: then what was written is
 * deleted again, as after a write just before that. If the name stands for a new tenant by then, it was written for that.
 */
export async function writeUnderTenant<T>(
  { tenants, leave }: AnalyticsRoom,
  call: RpcCall,
  write: (call: RpcCall) => Promise<T>,
): Promise<T> {
  await tenants.read(call, noKeys);
  const result = await write(call);
  try {
    // Whatever is left of the call's time: what was written stands.
    await tenants.read({ tenant: call.tenant }, noKeys);
  } catch (error) {
    if (!(error instanceof TiffinError && error.kind === "tenant_not_found")) throw error;
    if (await leave(call.tenant)) throw tenantNotFound(call.tenant);
  }
  return result;
}

const noKeys = (): [] => [];
