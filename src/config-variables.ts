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
import { sessionDataBytesCeiling } from "./session/session-limits.ts";

const day = 24 * 3_600_000;
const year = 365 * day;
const gibibyte = 2 ** 30;

/** Every environment variable Tiffin reads, in the order in which docs/configuration.md tells them. */
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
    "A file with the bearer token that every call but Health must carry: at least 16 printable characters; whitespace at its ends is ignored.",
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
  analyticsUrl: text(
    "TIFFIN_ANALYTICS_URL",
    "memory:",
    "Where series are kept, apart from the store. Engines: memory: (lost when the process ends), pglite: (PGlite in memory), pglite:FOLDER (PGlite on disk, one process at a time), postgres://USER:PASSWORD@HOST/DATABASE (PostgreSQL, several processes at once). Series are found by their tenant's name: beside a store in memory, a tenant other than default has to be created anew after each start, and finds its series again.",
  ),
  analyticsMemoryBytesMax: bytes({ min: 0, max: 1024 * gibibyte }, [
    "TIFFIN_ANALYTICS_MEMORY_MAX_BYTES",
    "0",
    "What the memory engine of analytics may hold. 0: a quarter of the smaller of the container's limit and the heap's.",
  ]),
  analyticsBatchMax: integer({ min: 1, max: 100_000 }, [
    "TIFFIN_ANALYTICS_BATCH_MAX",
    "10000",
    "How many series one message may add.",
  ]),
  analyticsPeriodsMax: integer({ min: 1, max: 10_000_000 }, [
    "TIFFIN_ANALYTICS_PERIODS_MAX",
    "100000",
    "How many periods one query may have.",
  ]),
  analyticsNumbersMax: integer({ min: 1, max: 100_000_000 }, [
    "TIFFIN_ANALYTICS_NUMBERS_MAX",
    "1000000",
    "How many numbers one answer may hold: periods times groups times columns. Of a streamed one, how many are worked out at a time.",
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
  sessionIdleMsMax: duration({ min: 1000, max: 10 * year }, [
    "TIFFIN_SESSION_IDLE_TIMEOUT_MAX",
    "720h",
    "The longest idle timeout that a session may be given; 720h are 30 days. A tenant's bounds may be narrower.",
  ]),
  sessionAbsoluteMsMax: duration({ min: 1000, max: 10 * year }, [
    "TIFFIN_SESSION_ABSOLUTE_TIMEOUT_MAX",
    "9600h",
    "The longest absolute timeout that a session may be given; 9600h are 400 days. A tenant's bounds may be narrower.",
  ]),
  sessionDataBytesMax: bytes({ min: 2, max: sessionDataBytesCeiling }, [
    "TIFFIN_SESSION_DATA_BYTES_MAX",
    "64KiB",
    "The largest data of a session, as JSON.",
  ]),
  watchesMax: integer({ min: 0, max: 1_000_000 }, [
    "TIFFIN_WATCHES_MAX",
    "10000",
    "How many watches of one service may run in this process.",
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
