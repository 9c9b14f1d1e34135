import type { AnalyticsLimits } from "../../src/analytics/analytics-limits.ts";
import { defaultAnalyticsLimits } from "../../src/analytics/analytics-limits.ts";
import type { AnalyticsRoom } from "../../src/analytics/analytics-room.ts";
import { Calendar } from "../../src/analytics/calendar.ts";
import { sharedBounds } from "../../src/analytics/shared-bounds.ts";
import { Turns } from "../../src/analytics/turns.ts";
import { openAnalyticsStore } from "../../src/analytics-store/open-analytics-store.ts";
import { openAnalytics } from "../../src/open-analytics.ts";
import { TenantReach } from "../../src/store/layers/tenant-reach.ts";
import { openStore } from "../../src/store/open-store.ts";
import { ensureDefaultTenant } from "../../src/tenant/create-tenant.ts";
import { tenantSpaces } from "../../src/tenant/tenant-record.ts";
import { ManualClock } from "./manual-clock.ts";

export interface OpenAnalyticsRoom extends AsyncDisposable {
  readonly room: AnalyticsRoom;
  readonly clock: ManualClock;
  /** What was logged at debug: each entry with its message. */
  readonly logged: (readonly [entry: Readonly<Record<string, unknown>>, message: string])[];
}

/** The analytics room over stores in memory, in the default tenant, with no transport before it. */
export async function openAnalyticsRoom(
  limits: Partial<AnalyticsLimits> = {},
): Promise<OpenAnalyticsRoom> {
  const clock = new ManualClock();
  const report = (problem: string, cause: unknown): never => {
    throw new Error(problem, { cause });
  };
  const store = await openStore({
    ...{ url: "memory:", clock, instance: "test", random: () => 0.5, limits: {}, report },
    spaces: tenantSpaces,
    history: { bytes: 1024 * 1024, ms: 3_600_000 },
    memory: { bytesMax: 64 * 1024 * 1024, whenFull: "refuse" },
  });
  await ensureDefaultTenant(store);
  const series = await openAnalyticsStore({ url: "memory:", clock, bytesMax: 2 ** 30, report });
  const analytics = await openAnalytics({ store, series, clock, report });
  const logged: OpenAnalyticsRoom["logged"] = [];
  const room: AnalyticsRoom = {
    ...{ series, clock, limits: { ...defaultAnalyticsLimits, ...limits } },
    tenants: new TenantReach(store),
    calendar: new Calendar(),
    changes: analytics.changes,
    leave: (tenant) => analytics.leavings.leave(tenant),
    log: (entry, message) => void logged.push([entry, message]),
    bounds: sharedBounds({ ...defaultAnalyticsLimits, ...limits }),
    turns: new Turns(),
    watches: { running: 0 },
  };
  return {
    ...{ room, clock, logged },
    async [Symbol.asyncDispose]() {
      await analytics.close();
      await series.close();
      await store.close();
    },
  };
}
