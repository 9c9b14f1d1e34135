import type { RpcCall } from "../call.ts";
import { tenantNotFound } from "../errors.ts";
import type { Place } from "../store/layers/directory.ts";
import type { AnalyticsRoom } from "./analytics-room.ts";
import { WatchWait } from "./watch-wait.ts";

/** Runs a watch of the call's tenant, which is woken by every change of its series from before the first that it could miss. */
export async function* followTenant<T>(
  { tenants, changes, clock }: AnalyticsRoom,
  call: RpcCall,
  run: (tenant: Place, wait: WatchWait) => AsyncGenerator<T>,
): AsyncGenerator<T> {
  const wait = new WatchWait(clock, call);
  const leave = changes.follow(call.tenant, () => wait.changed());
  try {
    const { tenant } = await tenants.read(call, () => []);
    yield* run(tenant, wait);
  } finally {
    leave();
    wait.close();
  }
}

/** A watch ends with its tenant, also when there is another of the name by now. */
export async function assertSameTenant(
  { tenants }: AnalyticsRoom,
  call: RpcCall,
  { name, number }: Place,
): Promise<void> {
  const { tenant } = await tenants.read(call, () => []);
  if (tenant.number !== number) throw tenantNotFound(name);
}
