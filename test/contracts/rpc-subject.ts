import { randomUUID } from "node:crypto";
import type { Client } from "@connectrpc/connect";
import { AdminService } from "#gen/tiffin/admin/v1/admin_service_pb.ts";
import { AnalyticsService } from "#gen/tiffin/analytics/v1/analytics_service_pb.ts";
import { KeyValueService } from "#gen/tiffin/kv/v1/key_value_service_pb.ts";
import { SessionService } from "#gen/tiffin/session/v1/session_service_pb.ts";
import { TenantService } from "#gen/tiffin/tenant/v1/tenant_service_pb.ts";
import {
  type AdminLimits,
  defaultAdminLimits,
  type Surroundings,
} from "../../src/admin/admin-room.ts";
import { createAdminService } from "../../src/admin/admin-service.ts";
import { adminSpaces } from "../../src/admin/import-job.ts";
import { adminSurroundings } from "../../src/admin-surroundings.ts";
import {
  type AnalyticsLimits,
  defaultAnalyticsLimits,
} from "../../src/analytics/analytics-limits.ts";
import { createAnalyticsService } from "../../src/analytics/analytics-service.ts";
import type { AnalyticsStore } from "../../src/analytics-store/analytics-store.ts";
import {
  type AnalyticsStoreOptions,
  openAnalyticsStore,
} from "../../src/analytics-store/open-analytics-store.ts";
import { readConfig } from "../../src/config.ts";
import { createKeyValueService } from "../../src/kv/key-value-service.ts";
import { defaultKvLimits, type KvLimits } from "../../src/kv/kv-limits.ts";
import { kvSpaces } from "../../src/kv/kv-spaces.ts";
import { createLogger } from "../../src/observability/logger.ts";
import { Metrics } from "../../src/observability/metrics.ts";
import { openAnalytics } from "../../src/open-analytics.ts";
import { serve } from "../../src/rpc/served-method.ts";
import { Serving } from "../../src/serving.ts";
import { defaultSessionLimits, type SessionLimits } from "../../src/session/session-limits.ts";
import { createSessionService } from "../../src/session/session-service.ts";
import { sessionSpaces } from "../../src/session/session-spaces.ts";
import { openStore } from "../../src/store/open-store.ts";
import type { Limits, Store } from "../../src/store/store.ts";
import { ensureDefaultTenant } from "../../src/tenant/create-tenant.ts";
import { tenantSpaces } from "../../src/tenant/tenant-record.ts";
import { createTenantService } from "../../src/tenant/tenant-service.ts";
import { openClient, type TransportName } from "../support/clients.ts";
import { ManualClock } from "../support/manual-clock.ts";

/** A server under the RPC contract: what its clients can do, and the time it goes by. */
export interface RpcSubject {
  readonly kv: Client<typeof KeyValueService>;
  readonly sessions: Client<typeof SessionService>;
  readonly tenants: Client<typeof TenantService>;
  readonly admin: Client<typeof AdminService>;
  readonly analytics: Client<typeof AnalyticsService>;
  readonly clock: ManualClock;
  /** For what no call shows: that nothing was changed, or is left behind. */
  readonly store: Store;
  readonly series: AnalyticsStore;
  readonly serving: Serving;
  /** What went wrong behind the calls of analytics. */
  readonly reported: readonly string[];
  close(): Promise<void>;
}

export interface RpcOptions {
  readonly limits?: Partial<KvLimits>;
  readonly sessionLimits?: Partial<SessionLimits>;
  readonly tenantsMax?: number;
  readonly adminLimits?: Partial<AdminLimits>;
  /** In place of what administration knows of the other rooms. */
  readonly surroundings?: Partial<Surroundings>;
  readonly storeUrl?: string;
  readonly analyticsUrl?: string;
  /** In place of opening one. */
  readonly openSeries?: typeof openAnalyticsStore;
  readonly analyticsLimits?: Partial<AnalyticsLimits>;
  readonly analyticsBytesMax?: number;
  /** Stands before the analytics store that was opened, to have it fail. */
  readonly alterSeries?: (series: AnalyticsStore) => AnalyticsStore;
  readonly clock?: ManualClock;
  readonly storeLimits?: Partial<Limits>;
  readonly historyBytes?: number;
  readonly bytesMax?: number;
  readonly whenFull?: "refuse" | "evict";
}

export interface RpcUnderTest {
  readonly name: string;
  open(options?: RpcOptions): Promise<RpcSubject>;
}

/** The real rooms over the memory store behind real listeners, on a clock turned by hand. */
export async function openRpc(
  transport: TransportName,
  options: RpcOptions = {},
): Promise<RpcSubject> {
  const clock = options.clock ?? new ManualClock();
  const store = await openStore({
    url: options.storeUrl ?? "memory:",
    spaces: [...kvSpaces, ...sessionSpaces, ...tenantSpaces, ...adminSpaces],
    clock,
    random: () => 0.5,
    instance: "test",
    history: { bytes: options.historyBytes ?? 16 * 1024 * 1024, ms: 3_600_000 },
    limits: options.storeLimits ?? {},
    memory: {
      bytesMax: options.bytesMax ?? 256 * 1024 * 1024,
      whenFull: options.whenFull ?? "refuse",
    },
    report: (problem, cause) => {
      throw new Error(problem, { cause });
    },
  });
  await ensureDefaultTenant(store);
  const reported: string[] = [];
  const report = (problem: string): void => void reported.push(problem);
  const opened = await openSeries(options, { clock, report });
  const series = options.alterSeries?.(opened) ?? opened;
  const analytics = await openAnalytics({ store, series, clock, report });
  const { changes, leavings } = analytics;
  const analyticsService = createAnalyticsService({
    ...{ store, series, clock, changes },
    limits: { ...defaultAnalyticsLimits, ...options.analyticsLimits },
    leave: (tenant) => leavings.leave(tenant),
    log: () => undefined,
  });
  const limits = { ...defaultKvLimits, ...options.limits };
  const sessionLimits = { ...defaultSessionLimits, ...options.sessionLimits };
  const tenantLimits = { tenantsMax: options.tenantsMax ?? 1000 };
  const admin = createAdminService({
    ...{ ...adminSurroundings, ...options.surroundings },
    ...{ store, clock, leavings, tiffinVersion: "0.0.0-test", startedAt: clock.now() },
    limits: { ...defaultAdminLimits, ...tenantLimits, ...options.adminLimits },
    newId: randomUUID,
  });
  const serving = openServing(clock, [
    serve(KeyValueService, createKeyValueService({ store, limits, clock })),
    serve(SessionService, createSessionService({ store, limits: sessionLimits, clock })),
    serve(AnalyticsService, analyticsService),
    serve(TenantService, createTenantService({ store, limits: tenantLimits, leavings }), {
      authenticated: true,
      tenanted: false,
    }),
    serve(AdminService, admin, { authenticated: true, tenanted: false }),
  ]);
  const addresses = await serving.start();
  const target = { grpc: addresses.grpc[0] ?? "", http: addresses.http[0] ?? "" };
  const kv = openClient(KeyValueService, transport, target);
  const sessions = openClient(SessionService, transport, target);
  const tenants = openClient(TenantService, transport, target);
  const administration = openClient(AdminService, transport, target);
  const analyticsClient = openClient(AnalyticsService, transport, target);
  return {
    kv: kv.client,
    sessions: sessions.client,
    tenants: tenants.client,
    admin: administration.client,
    analytics: analyticsClient.client,
    clock,
    store,
    series,
    serving,
    reported,
    async close() {
      kv.close();
      sessions.close();
      tenants.close();
      administration.close();
      analyticsClient.close();
      await serving.close();
      await analytics.close();
      await opened.close();
      await store.close();
    },
  };
}

function openSeries(
  { openSeries: open = openAnalyticsStore, analyticsUrl: url = "memory:", ...options }: RpcOptions,
  behind: Pick<AnalyticsStoreOptions, "clock" | "report">,
): Promise<AnalyticsStore> {
  return open({ ...behind, url, bytesMax: options.analyticsBytesMax ?? 256 * 1024 * 1024 });
}

function openServing(
  clock: ManualClock,
  services: ConstructorParameters<typeof Serving>[0]["services"],
): Serving {
  const ports = { TIFFIN_GRPC_ADDRESS: "127.0.0.1:0", TIFFIN_HTTP_ADDRESS: "127.0.0.1:0" };
  // A clock that is turned while a disk is waited for goes much faster than the disk.
  const long = "24h";
  const waits = {
    TIFFIN_DEADLINE_DEFAULT: long,
    // Node drops a connection that a client has opened and keeps for later, after this real time.
    TIFFIN_HEADER_TIMEOUT: long,
    TIFFIN_REQUEST_TIMEOUT: long,
  };
  const config = readConfig({ ...ports, ...waits, TIFFIN_LOG_LEVEL: "error" }, () => "");
  return new Serving({
    config,
    clock,
    logger: createLogger(config.logLevel, { write: (line) => void process.stderr.write(line) }),
    metrics: new Metrics(),
    newId: () => "test",
    services,
  });
}
