import { create } from "@bufbuild/protobuf";
import type { Client, HandlerContext } from "@connectrpc/connect";
import { AnalyticsService } from "#gen/tiffin/analytics/v1/analytics_service_pb.ts";
import { defaultAnalyticsLimits } from "../../src/analytics/analytics-limits.ts";
import { createAnalyticsService } from "../../src/analytics/analytics-service.ts";
import type { AnalyticsStore } from "../../src/analytics-store/analytics-store.ts";
import { MemoryAnalyticsStore } from "../../src/analytics-store/memory/memory-analytics-store.ts";
import { openAnalytics } from "../../src/open-analytics.ts";
import { openStore } from "../../src/store/open-store.ts";
import { ensureDefaultTenant } from "../../src/tenant/create-tenant.ts";
import { tenantSpaces } from "../../src/tenant/tenant-record.ts";
import { callContext } from "./call-context.ts";
import { ManualClock } from "./manual-clock.ts";

export interface AnalyticsCalls extends AsyncDisposable {
  readonly analytics: Client<typeof AnalyticsService>;
  readonly series: AnalyticsStore;
  readonly clock: ManualClock;
}

/** The analytics room in memory, in the default tenant, called with nothing between: for what takes very many calls. */
export async function openAnalyticsCalls(
  alter: (series: AnalyticsStore) => AnalyticsStore = (series) => series,
): Promise<AnalyticsCalls> {
  const clock = new ManualClock();
  const report = (problem: string, cause: unknown): void => {
    throw new Error(problem, { cause });
  };
  const store = await openStore({
    ...{ url: "memory:", clock, instance: "test", random: () => 0.5, limits: {} },
    ...{ spaces: tenantSpaces, report },
    history: { bytes: 1024 * 1024, ms: 3_600_000 },
    memory: { bytesMax: 16 * 1024 * 1024, whenFull: "refuse" },
  });
  await ensureDefaultTenant(store);
  const bytesMax = 512 * 1024 * 1024;
  const series = alter(new MemoryAnalyticsStore({ clock, bytesMax, report }));
  await series.init();
  const { changes, leavings, close } = await openAnalytics({ store, series, clock, report });
  const service = createAnalyticsService({
    ...{ store, series, clock, changes, limits: defaultAnalyticsLimits },
    leave: (tenant) => leavings.leave(tenant),
    log: () => undefined,
  });
  const methods = Object.values(AnalyticsService.method).map(({ localName, input }) => {
    const run = service[localName as keyof typeof service] as (
      request: unknown,
      context: HandlerContext,
    ) => unknown;
    return [localName, (request: object) => run(create(input, request), context)] as const;
  });
  return {
    analytics: Object.fromEntries(methods) as unknown as Client<typeof AnalyticsService>,
    ...{ series, clock },
    async [Symbol.asyncDispose]() {
      await close();
      await series.close();
      await store.close();
    },
  };
}

const context = callContext(AnalyticsService.method.addSeries);
