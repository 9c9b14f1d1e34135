import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
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
import { ensureDefaultTenant } from "../../src/tenant/create-tenant.ts";
import { tenantSpaces } from "../../src/tenant/tenant-record.ts";
import { allSpaces, openTestEngine } from "../support/open-test-store.ts";
import { freePorts, startApp } from "../support/start-app.ts";

/** The engines whose histories are recorded: each answers the URL of an empty store, in the folder if it needs one. */
export const storeUrls: Readonly<Record<string, (folder: string) => string>> = {
  memory: () => "memory:",
  sqlite: (folder) => `sqlite:${join(folder, "tiffin.db")}`,
};

export interface Server extends AsyncDisposable {
  /** `host:port` of the gRPC listener. */
  readonly address: string;
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
    async [Symbol.asyncDispose]() {
      await running[Symbol.asyncDispose]();
      await rm(folder, { recursive: true });
    },
  };
}

/** The same service over the memory engine with something wrong with it. */
export async function openWrongServer(alter: (engine: Engine) => Engine): Promise<Server> {
  const spaces = [...allSpaces, ...kvSpaces, ...tenantSpaces];
  const store = new LockingStore(
    new CoreStore({
      engine: alter(await openTestEngine(systemClock, {}, { spaces })),
      spaces,
      clock: systemClock,
      random: () => 0.5,
      instance: "wrong",
      history: { bytes: 16 * 1024 * 1024, ms: 3_600_000 },
      report: (problem, cause) => {
        throw new Error(problem, { cause });
      },
    }),
    systemClock,
  );
  await ensureDefaultTenant(store);
  const service = createKeyValueService({ store, limits: defaultKvLimits, clock: systemClock });
  const serving = new Serving({
    config: readConfig({ ...freePorts, TIFFIN_LOG_LEVEL: "error" }, () => ""),
    clock: systemClock,
    logger: createLogger("error", { write: (line) => void process.stderr.write(line) }),
    metrics: new Metrics(),
    newId: () => "wrong",
    services: [serve(KeyValueService, service)],
  });
  const { grpc } = await serving.start();
  return {
    address: grpc[0] ?? "",
    async [Symbol.asyncDispose]() {
      await serving.close();
      await store.close();
    },
  };
}
