import { create } from "@bufbuild/protobuf";
import { Metadata } from "@grpc/grpc-js";
import {
  AnalyticsService,
  type QueryRequest,
  type QueryResponse,
  QueryResponseSchema,
} from "#gen/tiffin/analytics/v1/analytics_service_pb.ts";
import { defaultAnalyticsLimits } from "../../src/analytics/analytics-limits.ts";
import { createAnalyticsService } from "../../src/analytics/analytics-service.ts";
import type { AnalyticsStore } from "../../src/analytics-store/analytics-store.ts";
import { openAnalyticsStore } from "../../src/analytics-store/open-analytics-store.ts";
import { systemClock } from "../../src/clock.ts";
import { openAnalytics } from "../../src/open-analytics.ts";
import { CallContext } from "../../src/rpc/grpc/call-context.ts";
import { openStore } from "../../src/store/open-store.ts";
import { ensureDefaultTenant } from "../../src/tenant/create-tenant.ts";
import { tenantSpaces } from "../../src/tenant/tenant-record.ts";

/** The analytics room in process, called as the transports call it. */
export interface BenchAnalytics {
  readonly series: AnalyticsStore;
  query(request: QueryRequest): Promise<QueryResponse>;
  close(): Promise<void>;
}

export async function openBenchAnalytics(url: string): Promise<BenchAnalytics> {
  const report = (problem: string, cause: unknown): void => {
    throw new Error(problem, { cause });
  };
  const clock = systemClock;
  const series = await openAnalyticsStore({ url, clock, bytesMax: 8 * 2 ** 30, report });
  const store = await openStore({
    url: "memory:",
    spaces: tenantSpaces,
    clock,
    random: Math.random,
    instance: "bench",
    history: { bytes: 2 ** 20, ms: 3_600_000 },
    limits: {},
    memory: { bytesMax: 2 ** 30, whenFull: "refuse" },
    report,
  });
  await ensureDefaultTenant(store);
  const analytics = await openAnalytics({ store, series, clock, report });
  const { changes, leavings } = analytics;
  const service = createAnalyticsService({
    ...{ store, series, clock, changes },
    limits: defaultAnalyticsLimits,
    leave: (tenant) => leavings.leave(tenant),
    log: () => undefined,
  });
  const context = new CallContext(AnalyticsService.method.query, {
    tenant: "default",
    deadline: undefined,
    metadata: new Metadata(),
    signal: new AbortController().signal,
    remainingMs: () => undefined,
  });
  return {
    series,
    query: async (request) => create(QueryResponseSchema, await service.query(request, context)),
    async close() {
      await analytics.close();
      await series.close();
      await store.close();
    },
  };
}
