import { type App, buildApp, type Overrides } from "../../src/app.ts";
import { readConfig } from "../../src/config.ts";
import type { ClientTarget } from "./clients.ts";

export interface RunningApp extends AsyncDisposable {
  readonly app: App;
  /** For `openClient` and `openTransport`. */
  readonly target: ClientTarget;
  /** What was logged, one event each. */
  readonly logged: readonly Record<string, unknown>[];
}

/** The whole of Tiffin in this process, on free ports of the loopback. Settings are given as the environment has them. */
export async function startApp(
  env: Readonly<Record<string, string>> = {},
  overrides: Overrides = {},
): Promise<RunningApp> {
  const logged: Record<string, unknown>[] = [];
  const config = readConfig({ ...freePorts, TIFFIN_LOG_LEVEL: "debug", ...env }, () => "");
  const app = await buildApp(config, {
    logDestination: { write: (line) => void logged.push(JSON.parse(line)) },
    ...overrides,
  });
  return {
    app,
    target: { grpc: app.addresses.grpc[0] ?? "", http: app.addresses.http[0] ?? "" },
    logged,
    [Symbol.asyncDispose]: () => app.stop(),
  };
}

export const freePorts = {
  TIFFIN_GRPC_ADDRESS: "127.0.0.1:0",
  TIFFIN_HTTP_ADDRESS: "127.0.0.1:0",
};
