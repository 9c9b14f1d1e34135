import type { AnalyticsStore } from "../analytics-store/analytics-store.ts";
import type { Clock } from "../clock.ts";
import type { TenantReach } from "../store/layers/tenant-reach.ts";
import type { AnalyticsLimits } from "./analytics-limits.ts";
import type { Calendar } from "./calendar.ts";
import type { ChangeFeed } from "./change-feed.ts";
import type { SharedBounds } from "./shared-bounds.ts";
import type { Turns } from "./turns.ts";

/** What every method of the room works with. */
export interface AnalyticsRoom {
  readonly series: AnalyticsStore;
  /** Says whether the call's tenant is there. */
  readonly tenants: TenantReach;
  readonly limits: AnalyticsLimits;
  readonly clock: Clock;
  readonly calendar: Calendar;
  /** What watches are told by. */
  readonly changes: ChangeFeed;
  /** For watched queries: a change has many of them asked again at once. */
  readonly turns: Turns;
  /** What all answers hold together while they are sent. */
  readonly bounds: SharedBounds;
  /** Deletes again what was written for a tenant that has gone meanwhile; answers whether it has. */
  readonly leave: (tenant: string) => Promise<boolean>;
  /** For how queries came about; at debug. */
  readonly log: (entry: Readonly<Record<string, unknown>>, message: string) => void;
  /** Watches that run now. */
  readonly watches: { running: number };
}
