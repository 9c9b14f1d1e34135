import { randomUUID } from "node:crypto";
import type { DestinationStream, Logger } from "pino";
import { AdminService } from "#gen/tiffin/admin/v1/admin_service_pb.ts";
import { AnalyticsService } from "#gen/tiffin/analytics/v1/analytics_service_pb.ts";
import { KeyValueService } from "#gen/tiffin/kv/v1/key_value_service_pb.ts";
import { SessionService } from "#gen/tiffin/session/v1/session_service_pb.ts";
import { TenantService } from "#gen/tiffin/tenant/v1/tenant_service_pb.ts";
import { createAdminService } from "./admin/admin-service.ts";
import { forgetOldImports } from "./admin/forget-import.ts";
import { adminSpaces } from "./admin/import-job.ts";
import { adminSurroundings } from "./admin-surroundings.ts";
import { createAnalyticsService } from "./analytics/analytics-service.ts";
import type { AnalyticsStore } from "./analytics-store/analytics-store.ts";
import { openAnalyticsStore } from "./analytics-store/open-analytics-store.ts";
import { type Clock, systemClock } from "./clock.ts";
import type { Config } from "./config.ts";
import { variables } from "./config-variables.ts";
import { createKeyValueService } from "./kv/key-value-service.ts";
import { kvSpaces } from "./kv/kv-spaces.ts";
import { Lifecycle } from "./lifecycle.ts";
import { defaultAnalyticsMemoryBytes, defaultMemoryBytes } from "./memory-ceiling.ts";
import { createLogger } from "./observability/logger.ts";
import { Metrics } from "./observability/metrics.ts";
import { type Analytics, openAnalytics } from "./open-analytics.ts";
import { type ServedService, serve } from "./rpc/served-method.ts";
import { type Addresses, Serving } from "./serving.ts";
import { createSessionService } from "./session/session-service.ts";
import { sessionSpaces } from "./session/session-spaces.ts";
import { openStore } from "./store/open-store.ts";
import { StartRefusal } from "./store/start-refusal.ts";
import type { Store } from "./store/store.ts";
import { ensureDefaultTenant } from "./tenant/create-tenant.ts";
import { tenantSpaces } from "./tenant/tenant-record.ts";
import { createTenantService } from "./tenant/tenant-service.ts";
import { readTiffinVersion } from "./tiffin-version.ts";

/** What is put in the place of what a process has, by tests above all. */
export interface Overrides {
  /** Logged at the start: the settings that differ from their defaults. */
  readonly settings?: Readonly<Record<string, string>>;
  readonly clock?: Clock;
  readonly random?: () => number;
  readonly logDestination?: DestinationStream;
}

/** A running Tiffin. */
export interface App {
  readonly addresses: Addresses;
  readonly store: Store;
  /** Keeps serving for the delay, not ready any more; then ends the calls, the listeners and the store, in this order. */
  stop(): Promise<void>;
}

/** Of the grace, the share that open calls have; the rest is for closing what is under them. */
const drainShare = 0.8;

/** Builds every part and starts to serve. What was opened is closed again when a later part fails. */
export async function buildApp(config: Config, overrides: Overrides = {}): Promise<App> {
  const { clock = systemClock, logDestination } = overrides;
  const logger = createLogger(config.logLevel, logDestination);
  // The grace is real time, whatever clock the store goes by.
  const lifecycle = new Lifecycle({ clock: systemClock, graceMs: config.shutdownGraceMs });
  try {
    const parts = { config, clock, logger, lifecycle };
    const store = await openRecords(parts, overrides.random ?? Math.random);
    await ensureDefaultTenant(store);
    await forgetOldImports(store);
    const series = await openSeries(parts);
    const analytics = await openAnalytics({ store, series, clock, report: reportTo(logger) });
    lifecycle.onClose("analytics", () => analytics.close());
    const services = createServices(parts, { store, series, analytics });
    const metrics = new Metrics();
    measureStore(metrics, store);
    measureSeries(metrics, series);
    const serving = new Serving({ config, clock, logger, metrics, newId: randomUUID, services });
    lifecycle.onClose("listeners", () => serving.close());
    const addresses = await serving.start();
    lifecycle.onClose("calls", async () => {
      const drained = await serving.drainWithin(config.shutdownGraceMs * drainShare);
      if (!drained) logger.warn("calls were still open after the grace, and were dropped");
    });
    logger.info({ ...addresses, settings: overrides.settings }, "serving");
    const stop = async (): Promise<void> => {
      serving.health.serving = false;
      logger.info({ delay_ms: config.shutdownDelayMs }, "shutting down");
      await waitMs(config.shutdownDelayMs);
      await lifecycle.close();
      logger.info("stopped");
    };
    return { addresses, store, stop };
  } catch (error) {
    await lifecycle.close();
    throw error;
  }
}

interface Parts {
  readonly config: Config;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly lifecycle: Lifecycle;
}

async function openRecords(
  { config, clock, logger, lifecycle }: Parts,
  random: () => number,
): Promise<Store> {
  const store = await openStore({
    url: config.storeUrl,
    spaces: [...kvSpaces, ...sessionSpaces, ...tenantSpaces, ...adminSpaces],
    clock,
    random,
    instance: randomUUID(),
    history: { bytes: config.historyBytesMax, ms: config.historyMsMax },
    limits: {},
    memory: {
      bytesMax: config.memoryBytesMax === 0 ? defaultMemoryBytes() : config.memoryBytesMax,
      whenFull: config.memoryWhenFull,
    },
    report: reportTo(logger),
  });
  lifecycle.onClose("store", () => store.close());
  return store;
}

async function openSeries({ config, clock, logger, lifecycle }: Parts): Promise<AnalyticsStore> {
  const { analyticsMemoryBytesMax } = config;
  const opening = openAnalyticsStore({
    url: config.analyticsUrl,
    clock,
    bytesMax:
      analyticsMemoryBytesMax === 0 ? defaultAnalyticsMemoryBytes() : analyticsMemoryBytesMax,
    report: reportTo(logger),
    ...(logger.isLevelEnabled("debug") && {
      onStatement: (sql, rows) => logger.debug({ sql, rows }, "statement"),
    }),
  });
  const series = await opening.catch((error: unknown) => {
    throw toStartRefusal(error);
  });
  lifecycle.onClose("series", () => series.close());
  return series;
}

/** Whatever it is, whoever starts the server has to mend it. The URL is not told, as it may hold a password. */
function toStartRefusal(error: unknown): unknown {
  if (!(error instanceof Error) || error instanceof StartRefusal) return error;
  const { code } = (error.cause ?? error) as NodeJS.ErrnoException;
  return new StartRefusal("of analytics", {
    reason: code === undefined ? error.message : `${error.message} (${code})`,
    remedy: `See that what ${variables.analyticsUrl.name} names is there, and may be used`,
    cause: error,
  });
}

const reportTo =
  (logger: Logger) =>
  (problem: string, cause: unknown): void =>
    logger.error({ err: cause }, problem);

function measureStore(metrics: Metrics, store: Store): void {
  metrics.gauge({
    name: "tiffin_store_records",
    help: "Records in the store, the server's own and those that have just expired included.",
    read: async () => (await store.stats()).records,
  });
  metrics.gauge({
    name: "tiffin_store_bytes",
    help: "Bytes of their keys and values, encoded.",
    read: async () => (await store.stats()).bytes,
  });
}

function measureSeries(metrics: Metrics, series: AnalyticsStore): void {
  const measure = (name: "series" | "bytes", help: string): void =>
    metrics.gauge({
      name: `tiffin_analytics_${name}`,
      help,
      // A database that is not reached is no reason to measure nothing at all.
      read: () =>
        series.stats().then(
          (stats) => stats[name],
          () => Number.NaN,
        ),
    });
  measure("series", "Series in the analytics store, rollups included.");
  measure("bytes", "Bytes they take, as their engine counts them.");
}

interface Opened {
  readonly store: Store;
  readonly series: AnalyticsStore;
  readonly analytics: Analytics;
}

function createServices(
  { config, clock, logger }: Parts,
  { store, series, analytics }: Opened,
): ServedService[] {
  const { changes, leavings } = analytics;
  const admin = {
    ...adminSurroundings,
    ...{ store, clock, limits: config, newId: randomUUID, leavings },
    tiffinVersion: readTiffinVersion(),
    startedAt: clock.now(),
  };
  // What is configured has the names of the rooms' limits.
  return [
    serve(KeyValueService, createKeyValueService({ store, limits: config, clock })),
    serve(SessionService, createSessionService({ store, limits: config, clock })),
    serve(
      AnalyticsService,
      createAnalyticsService({
        ...{ store, series, limits: config, clock, changes },
        leave: (tenant) => leavings.leave(tenant),
        log: (entry, message) => logger.debug(entry, message),
      }),
    ),
    serve(TenantService, createTenantService({ store, limits: config, leavings }), {
      authenticated: true,
      tenanted: false,
    }),
    serve(AdminService, createAdminService(admin), { authenticated: true, tenanted: false }),
  ];
}

const waitMs = (ms: number): Promise<void> =>
  ms === 0 ? Promise.resolve() : new Promise((resolve) => setTimeout(resolve, ms));
