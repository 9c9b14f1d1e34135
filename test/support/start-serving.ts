import { KeyValueService } from "#gen/tiffin/kv/v1/key_value_service_pb.ts";
import { type Clock, systemClock } from "../../src/clock.ts";
import { type Config, readConfig } from "../../src/config.ts";
import { createLogger } from "../../src/observability/logger.ts";
import { Metrics } from "../../src/observability/metrics.ts";
import { serve } from "../../src/rpc/served-method.ts";
import { type Addresses, Serving } from "../../src/serving.ts";
import type { ClientTarget } from "./clients.ts";
import { MapService, withUnused } from "./map-service.ts";
import { freePorts } from "./start-app.ts";

export interface RunningServing extends AsyncDisposable {
  readonly target: ClientTarget;
  readonly addresses: Addresses;
  readonly serving: Serving;
  readonly room: MapService;
  /** What was logged, one event each. */
  readonly logged: Record<string, unknown>[];
}

/** Both listeners on free ports before a service over a Map. */
export async function startServing(
  env: Readonly<Record<string, string>> = {},
  overrides: { readonly clock?: Clock; readonly config?: Partial<Config> } = {},
): Promise<RunningServing> {
  const room = new MapService();
  const logged: Record<string, unknown>[] = [];
  const names = KeyValueService.methods.map(({ localName }) => localName);
  const config = {
    ...readConfig({ ...freePorts, TIFFIN_LOG_LEVEL: "debug", ...env }, () => ""),
    ...overrides.config,
  };
  const serving = new Serving({
    config,
    clock: overrides.clock ?? systemClock,
    logger: createLogger(config.logLevel, { write: (line) => void logged.push(JSON.parse(line)) }),
    metrics: new Metrics(),
    newId: () => "made-up-id",
    services: [serve(KeyValueService, withUnused(room.service, names))],
  });
  const addresses = await serving.start();
  return {
    target: { grpc: addresses.grpc[0] ?? "", http: addresses.http[0] ?? "" },
    addresses,
    serving,
    room,
    logged,
    [Symbol.asyncDispose]: () => serving.close(),
  };
}
