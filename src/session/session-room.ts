import type { Clock } from "../clock.ts";
import type { TenantReach } from "../store/layers/tenant-reach.ts";
import type { Store } from "../store/store.ts";
import type { SessionLimits } from "./session-limits.ts";

/** What every method of the room works with. */
export interface SessionRoom {
  readonly store: Store;
  readonly limits: SessionLimits;
  readonly clock: Clock;
  readonly tenants: TenantReach;
  /** Watches that run now. */
  readonly watches: { running: number };
}
