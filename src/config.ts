import {
  addresses,
  bytes,
  choice,
  duration,
  flag,
  integer,
  list,
  mode,
  text,
  type Variable,
} from "./config-variable.ts";
import { type Address, isLocal, showAddress } from "./rpc/address.ts";
import { knownSchemes } from "./store/open-store.ts";

const day = 24 * 3_600_000;
const gibibyte = 2 ** 30;

/** Every variable Tiffin reads, in the order in which docs/configuration.md tells them. */
export const variables = {
  grpcAddresses: addresses("TIFFIN_GRPC_ADDRESS", "127.0.0.1:50051", "Where gRPC listens."),
  httpAddresses: addresses("TIFFIN_HTTP_ADDRESS", "127.0.0.1:8080", "Where HTTP/JSON listens."),
  opsAddresses: addresses(
    "TIFFIN_OPS_ADDRESS",
    "",
    "Where nothing but /livez, /readyz and /metrics is served, for a kubelet and Prometheus. Off by default.",
  ),
  socketMode: mode(
    "TIFFIN_GRPC_SOCKET_MODE",
    "0600",
    "Permissions of Unix sockets, gRPC's and HTTP's.",
  ),
  authTokenFile: text(
    "TIFFIN_AUTH_TOKEN_FILE",
    "",
    "A file with the bearer token that every call but Health must carry; whitespace at its ends is ignored.",
  ),
  allowUnauthenticated: flag(
    "TIFFIN_ALLOW_UNAUTHENTICATED",
    "false",
    "Listen on an address others can reach although no token is demanded.",
  ),
  httpAllowedHosts: list(
    "TIFFIN_HTTP_ALLOWED_HOSTS",
    "",
    "Names beside localhost and IP addresses under which HTTP may be called.",
  ),
  httpAllowedOrigins: list(
    "TIFFIN_HTTP_ALLOWED_ORIGINS",
    "",
    "Origins of pages that may call HTTP from a browser, such as https://app.example.",
  ),
  storeUrl: text(
    "TIFFIN_STORE_URL",
    "memory:",
    "The store. Engines: memory: (lost when the process ends), sqlite:PATH (a file, such as sqlite:tiffin.db or sqlite:/var/lib/tiffin/tiffin.db).",
  ),
  memoryBytesMax: bytes({ min: 0, max: 1024 * gibibyte }, [
    "TIFFIN_MEMORY_MAX_BYTES",
    "0",
    "What the memory engine may hold, history included. 0: half of the smaller of the container's limit and the heap's.",
  ]),
  memoryWhenFull: choice(
    ["refuse", "evict"],
    [
      "TIFFIN_MEMORY_WHEN_FULL",
      "refuse",
      "What a write to a full memory engine does: fail, or push out the least recently used entries.",
    ],
  ),
  historyBytesMax: bytes({ min: 0, max: 1024 * gibibyte }, [
    "TIFFIN_HISTORY_MAX_BYTES",
    "64MiB",
    "How much history is kept for watches to resume from.",
  ]),
  historyMsMax: duration({ min: 0, max: 30 * day }, [
    "TIFFIN_HISTORY_MAX_AGE",
    "1h",
    "How long history is kept.",
  ]),
  keyBytesMax: bytes({ min: 1, max: 1024 }, ["TIFFIN_KEY_BYTES_MAX", "1KiB", "The longest key."]),
  valueBytesMax: bytes({ min: 1, max: 2 ** 20 }, [
    "TIFFIN_VALUE_BYTES_MAX",
    "1MiB",
    "The largest value, encoded.",
  ]),
  messageBytesMax: bytes({ min: 2 ** 12, max: 64 * 2 ** 20 }, [
    "TIFFIN_MESSAGE_BYTES_MAX",
    "4MiB",
    "The largest request and the largest answer, decompressed. gRPC clients take 4 MiB unless told otherwise.",
  ]),
  requestBytesMax: bytes({ min: 2 ** 12, max: 1024 * gibibyte }, [
    "TIFFIN_REQUEST_BYTES_MAX",
    "64MiB",
    "What all requests in handling may hold together; beyond it calls are refused as OVERLOADED.",
  ]),
  answerBytesMax: bytes({ min: 2 ** 12, max: 1024 * gibibyte }, [
    "TIFFIN_ANSWER_BYTES_MAX",
    "128MiB",
    "What all answers may hold together that their clients have not read yet; beyond it the oldest are dropped.",
  ]),
  batchKeysMax: integer({ min: 1, max: 1000 }, [
    "TIFFIN_BATCH_KEYS_MAX",
    "1000",
    "How many keys, items, comparisons or operations one call may name.",
  ]),
  tenantsMax: integer({ min: 1, max: 1_000_000 }, [
    "TIFFIN_TENANTS_MAX",
    "1000",
    "How many tenants there may be.",
  ]),
  namespacesMax: integer({ min: 1, max: 1_000_000 }, [
    "TIFFIN_NAMESPACES_MAX",
    "10000",
    "How many namespaces with entries a tenant may have.",
  ]),
  watchesMax: integer({ min: 0, max: 1_000_000 }, [
    "TIFFIN_WATCHES_MAX",
    "10000",
    "How many watches may run in this process.",
  ]),
  connectionsMax: integer({ min: 1, max: 1_000_000 }, [
    "TIFFIN_CONNECTIONS_MAX",
    "1000",
    "How many connections each address takes.",
  ]),
  streamsMax: integer({ min: 1, max: 1_000_000 }, [
    "TIFFIN_STREAMS_MAX",
    "100",
    "How many calls one gRPC connection may have open.",
  ]),
  connectionAgeMsMax: duration({ min: 0, max: 20 * day }, [
    "TIFFIN_GRPC_CONNECTION_AGE_MAX",
    "0s",
    "After how long a gRPC connection takes no new calls, so that clients connect anew and spread; open calls go on. 0s: never.",
  ]),
  connectionIdleMsMax: duration({ min: 0, max: 20 * day }, [
    "TIFFIN_GRPC_CONNECTION_IDLE_MAX",
    "0s",
    "After how long without a call a gRPC connection is closed. 0s: never.",
  ]),
  deadlineDefaultMs: duration({ min: 1, max: day }, [
    "TIFFIN_DEADLINE_DEFAULT",
    "30s",
    "How long a unary call may take; a client's shorter deadline wins.",
  ]),
  requestMsMax: duration({ min: 1, max: day }, [
    "TIFFIN_REQUEST_TIMEOUT",
    "30s",
    "How long a request may take to arrive; of a stream of requests, each of them.",
  ]),
  headerMsMax: duration({ min: 1, max: day }, [
    "TIFFIN_HEADER_TIMEOUT",
    "10s",
    "How long an HTTP request's headers may take to arrive.",
  ]),
  exportMsMax: duration({ min: 1, max: 7 * day }, [
    "TIFFIN_EXPORT_TIMEOUT",
    "1h",
    "How long one export may take. So long the store keeps what was overwritten since it began.",
  ]),
  reflection: flag(
    "TIFFIN_REFLECTION",
    "true",
    "Whether gRPC reflection tells the contract to those who may call.",
  ),
  logLevel: choice(
    ["trace", "debug", "info", "warn", "error", "fatal", "silent"],
    ["TIFFIN_LOG_LEVEL", "info", "What is logged. Calls that went well are logged at debug."],
  ),
  shutdownDelayMs: duration({ min: 0, max: day }, [
    "TIFFIN_SHUTDOWN_DELAY",
    "0s",
    "How long calls are still taken after SIGTERM, not ready any more; for a sidecar that ends together with its app.",
  ]),
  shutdownGraceMs: duration({ min: 1, max: day }, [
    "TIFFIN_SHUTDOWN_GRACE",
    "10s",
    "How long open calls may take to end, after the delay.",
  ]),
} satisfies Record<string, Variable<unknown>>;

type Values = {
  readonly [K in keyof typeof variables]: (typeof variables)[K] extends Variable<infer T>
    ? T
    : never;
};

/** What the process was told, read and checked. */
export interface Config extends Values {
  readonly storeUrl: string;
  readonly authToken: string | undefined;
}

/** Everything that is wrong with the environment, at once. */
export class ConfigError extends Error {
  readonly problems: readonly string[];

  constructor(problems: readonly string[]) {
    super(`the configuration is not valid:\n  ${problems.join("\n  ")}`);
    this.name = "ConfigError";
    this.problems = problems;
  }
}

type Env = Readonly<Record<string, string | undefined>>;
const tokenCharactersMin = 16;

/** Reads the environment; `readFile` answers a file's text. Throws a ConfigError that names every problem. */
export function readConfig(env: Env, readFile: (path: string) => string): Config {
  const problems: string[] = unknownNames(env);
  const values = Object.fromEntries(
    Object.entries(variables).map(([field, variable]) => [field, read(env, variable, problems)]),
  ) as unknown as Values;
  const authToken = readToken(values.authTokenFile, readFile, problems);
  const storeUrl = values.storeUrl ?? variables.storeUrl.fallback;
  checkScheme(storeUrl, problems);
  checkReach(values, problems);
  if (problems.length > 0) throw new ConfigError(problems);
  return Object.freeze({ ...values, storeUrl, authToken });
}

/** The settings that differ from their defaults, as one would set them; passwords left out. */
export function shownConfig(env: Env): Record<string, string> {
  const shown: Record<string, string> = {};
  for (const { name, fallback } of Object.values(variables)) {
    const given = env[name];
    if (given !== undefined && given !== fallback) shown[name] = showValue(name, given);
  }
  return shown;
}

function read(env: Env, variable: Variable<unknown>, problems: string[]): unknown {
  const given = env[variable.name]?.trim() || variable.fallback;
  const found = variable.read(given) ?? variable.read(variable.fallback);
  if (variable.read(given) === undefined) {
    problems.push(
      `${variable.name}=${showValue(variable.name, given)}: expected ${variable.expected}`,
    );
  }
  return found?.value;
}

/** A misspelt name would be silently without effect; names for tests are not ours to check. */
function unknownNames(env: Env): string[] {
  const known = new Set(Object.values(variables).map(({ name }) => name));
  return Object.keys(env)
    .filter((name) => name.startsWith("TIFFIN_") && !name.startsWith("TIFFIN_TEST_"))
    .filter((name) => !known.has(name))
    .map((name) => `${name}: there is no such variable`);
}

function readToken(
  path: string | undefined,
  readFile: (path: string) => string,
  problems: string[],
): string | undefined {
  if (path === undefined) return undefined;
  const name = variables.authTokenFile.name;
  let token: string;
  try {
    token = readFile(path).trim();
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    problems.push(`${name}=${path}: the file cannot be read (${code ?? "unknown"})`);
    return undefined;
  }
  if (token.length >= tokenCharactersMin && /^[!-~]+$/.test(token)) return token;
  problems.push(`${name}=${path}: expected at least ${tokenCharactersMin} printable characters`);
  return undefined;
}

function checkScheme(url: string, problems: string[]): void {
  const scheme = url.slice(0, url.indexOf(":") + 1);
  if (scheme !== "" && knownSchemes.split(", ").includes(scheme)) return;
  const { name } = variables.storeUrl;
  problems.push(`${name}=${showValue(name, url)}: expected a URL with one of ${knownSchemes}`);
}

function checkReach(values: Values, problems: string[]): void {
  if (values.authTokenFile !== undefined || values.allowUnauthenticated) return;
  const { name: token } = variables.authTokenFile;
  const { name: allow } = variables.allowUnauthenticated;
  for (const field of ["grpcAddresses", "httpAddresses"] as const) {
    const open: readonly Address[] = values[field].filter((address) => !isLocal(address));
    for (const address of open) {
      const shown = `${variables[field].name}=${showAddress(address)}`;
      problems.push(`${shown}: others can reach it, so expected ${token}, or ${allow}=true`);
    }
  }
}

/** A URL may hold a password before its host and in its query. */
function showValue(name: string, given: string): string {
  if (name !== variables.storeUrl.name) return given;
  const withoutQuery = given.split("?", 1)[0] ?? "";
  return withoutQuery.replace(/\/\/[^/@]*@/, "//[redacted]@");
}
