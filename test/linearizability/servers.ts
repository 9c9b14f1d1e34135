import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { ServiceImpl } from "@connectrpc/connect";
import { KeyValueService } from "#gen/tiffin/kv/v1/key_value_service_pb.ts";
import { systemClock } from "../../src/clock.ts";
import { readConfig } from "../../src/config.ts";
import { createKeyValueService } from "../../src/kv/key-value-service.ts";
import { defaultKvLimits } from "../../src/kv/kv-limits.ts";
import { kvSpaces } from "../../src/kv/kv-spaces.ts";
import { createLogger } from "../../src/observability/logger.ts";
import { Metrics } from "../../src/observability/metrics.ts";
import { serve } from "../../src/rpc/served-method.ts";
import { Serving } from "../../src/serving.ts";
import { CoreStore } from "../../src/store/core/core-store.ts";
import { LockingStore } from "../../src/store/decorators/locking-store.ts";
import type { Engine } from "../../src/store/engine.ts";
import type { Store } from "../../src/store/store.ts";
import { ensureDefaultTenant } from "../../src/tenant/create-tenant.ts";
import { tenantSpaces } from "../../src/tenant/tenant-record.ts";
import { allSpaces, openTestEngine, type TestEngineName } from "../support/open-test-store.ts";
import { freePorts, startApp } from "../support/start-app.ts";

/** The engines whose histories are recorded: each answers the URL of an empty store, in the folder if it needs one. */
export const storeUrls: Readonly<Record<string, (folder: string) => string>> = {
  memory: () => "memory:",
  sqlite: (folder) => `sqlite:${join(folder, "tiffin.db")}`,
};

export interface Server extends AsyncDisposable {
  /** `host:port` of the gRPC listener. */
  readonly address: string;
  readonly store: Store;
}

/** The whole of Tiffin over an empty store of the engine. */
export async function openServer(engine: string, historyBytes: number): Promise<Server> {
  const folder = await mkdtemp(join(tmpdir(), "tiffin-linearizability-"));
  const running = await startApp({
    TIFFIN_STORE_URL: storeUrls[engine]?.(folder) ?? "",
    TIFFIN_HISTORY_MAX_BYTES: String(historyBytes),
    TIFFIN_LOG_LEVEL: "error",
  });
  return {
    address: running.target.grpc,
    store: running.app.store,
    async [Symbol.asyncDispose]() {
      await running[Symbol.asyncDispose]();
      await rm(folder, { recursive: true });
    },
  };
}

interface Alterations {
  readonly engine?: TestEngineName;
  readonly historyBytes?: number;
  readonly alterEngine?: (engine: Engine) => Engine;
  readonly alterService?: (service: KeyValueImplementation) => KeyValueImplementation;
}

export type KeyValueImplementation = ServiceImpl<typeof KeyValueService>;

/** The same service with something other about its engine or itself. */
export async function openAlteredServer({
  engine = "memory",
  historyBytes = 16 * 1024 * 1024,
  alterEngine = (same) => same,
  alterService = (same) => same,
}: Alterations): Promise<Server> {
  const spaces = [...allSpaces, ...kvSpaces, ...tenantSpaces];
  const options = { engine, spaces, historyBytes };
  const core = new CoreStore({
    engine: alterEngine(await openTestEngine(systemClock, {}, options)),
    spaces,
    clock: systemClock,
    random: () => 0.5,
    instance: "altered",
    history: { bytes: historyBytes, ms: 3_600_000 },
    report: (problem, cause) => {
      throw new Error(problem, { cause });
    },
  });
  core.start();
  const store = new LockingStore(core, systemClock);
  await ensureDefaultTenant(store);
  const service = createKeyValueService({ store, limits: defaultKvLimits, clock: systemClock });
  const serving = new Serving({
    config: readConfig({ ...freePorts, TIFFIN_LOG_LEVEL: "error" }, () => ""),
    clock: systemClock,
    logger: createLogger("error", { write: (line) => void process.stderr.write(line) }),
    metrics: new Metrics(),
    newId: () => "altered",
    services: [serve(KeyValueService, alterService(service))],
  });
  const { grpc } = await serving.start();
  return {
    address: grpc[0] ?? "",
    store,
    async [Symbol.asyncDispose]() {
      await serving.close();
      await store.close();
    },
  };
}
