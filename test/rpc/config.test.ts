import { describe, expect, test } from "vitest";
import { ConfigError, readConfig, shownConfig } from "../../src/config.ts";
import { byteUnits } from "../../src/config-variable.ts";
import { variables } from "../../src/config-variables.ts";

const noFile = (path: string): string => {
  throw Object.assign(new Error("absent"), { code: "ENOENT", path });
};
const tokenFile = () => "0123456789abcdef\n";

function problemsOf(env: Record<string, string>, readFile = noFile): readonly string[] {
  try {
    readConfig(env, readFile);
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
  return [];
}

test("an empty environment is in memory on the loopback, without a token", () => {
  const config = readConfig({}, noFile);
  expect(config.grpcAddresses).toEqual([{ kind: "tcp", host: "127.0.0.1", port: 50_051 }]);
  expect(config.httpAddresses).toEqual([{ kind: "tcp", host: "127.0.0.1", port: 8080 }]);
  expect(config).toMatchObject({
    storeUrl: "memory:",
    analyticsUrl: "memory:",
    opsAddresses: [],
    authToken: undefined,
    messageBytesMax: 4 * (byteUnits["MiB"] ?? 0),
    deadlineDefaultMs: 30_000,
    socketMode: 0o600,
  });
  expect(Object.isFrozen(config)).toBe(true);
});

test.each(Object.values(variables))("$name's default is one of its values", (variable) => {
  expect(variable.read(variable.fallback)).toBeDefined();
  expect(variable.meaning).toMatch(/\.$/);
});

test("every problem is reported at once, with name, value and expectation", () => {
  const problems = problemsOf({
    TIFFIN_GRPC_ADDRESS: "localhost",
    TIFFIN_HTTP_ADDRESS: "127.0.0.1:99999",
    TIFFIN_STORE_URL: "oracle://db",
    TIFFIN_MESSAGE_BYTES_MAX: "4MB",
    TIFFIN_MEMORY_WHEN_FULL: "panic",
    TIFFIN_REFLECTION: "yes",
    TIFFIN_DEADLINE_DEFAULT: "-1s",
    TIFFIN_GRPC_SOCKET_MODE: "888",
    TIFFIN_TENANTS_MAX: "0x10",
    TIFFIN_AUTH_TOKEN_FILE: "/no/such/file",
    TIFFIN_LOG_LEVLE: "debug",
  });
  expect(problems).toHaveLength(11);
  for (const [at, name] of [
    "TIFFIN_LOG_LEVLE: there is no such variable",
    "TIFFIN_GRPC_ADDRESS=localhost: expected host:port or unix:path",
    "TIFFIN_HTTP_ADDRESS=127.0.0.1:99999: expected",
    "TIFFIN_GRPC_SOCKET_MODE=888: expected three or four octal digits",
  ].entries()) {
    expect(problems[at]).toContain(name);
  }
  expect(problems.join("\n")).toContain(
    "TIFFIN_STORE_URL=oracle://db: expected a URL with one of memory:",
  );
  expect(problems.join("\n")).toContain(
    "TIFFIN_MEMORY_WHEN_FULL=panic: expected one of refuse, evict",
  );
  expect(problems.join("\n")).toContain("/no/such/file: the file cannot be read (ENOENT)");
});

test("memory has no place that could be named", () => {
  expect(problemsOf({ TIFFIN_STORE_URL: "memory:a", TIFFIN_ANALYTICS_URL: "memory:b" })).toEqual([
    "TIFFIN_STORE_URL=memory:a: expected nothing after memory:",
    "TIFFIN_ANALYTICS_URL=memory:b: expected nothing after memory:",
  ]);
});

test("variables of tests and of others are let alone", () => {
  expect(problemsOf({ TIFFIN_TEST_SEED: "1", PATH: "/bin", NODE_ENV: "x" })).toEqual([]);
});

describe("an address that others can reach", () => {
  test.each([
    "0.0.0.0:50051",
    "[::]:50051",
    "10.0.0.1:1",
    "example.com:1",
    "127.0.0.1:1, 10.0.0.1:1",
  ])("such as %s needs a token, or its absence asked for by name", (address) => {
    const env = { TIFFIN_GRPC_ADDRESS: address };
    expect(problemsOf(env)).toEqual([expect.stringContaining("TIFFIN_AUTH_TOKEN_FILE")]);
    expect(problemsOf({ ...env, TIFFIN_ALLOW_UNAUTHENTICATED: "true" })).toEqual([]);
    expect(problemsOf({ ...env, TIFFIN_AUTH_TOKEN_FILE: "t" }, tokenFile)).toEqual([]);
  });

  test("is not the loopback or a Unix socket", () => {
    const addresses = "127.0.0.1:1,[::1]:2,localhost:3,127.9.9.9:4,unix:/run/tiffin.sock";
    expect(problemsOf({ TIFFIN_GRPC_ADDRESS: addresses, TIFFIN_HTTP_ADDRESS: addresses })).toEqual(
      [],
    );
    expect(readConfig({ TIFFIN_GRPC_ADDRESS: addresses }, noFile).grpcAddresses).toHaveLength(5);
  });
});

describe("the token", () => {
  test("is the file's text without whitespace at its ends", () => {
    expect(readConfig({ TIFFIN_AUTH_TOKEN_FILE: "t" }, tokenFile).authToken).toBe(
      "0123456789abcdef",
    );
  });

  test.each(["", "short", "0123456789 abcdef", "0123456789abcdé"])("may not be %j", (token) => {
    const problems = problemsOf({ TIFFIN_AUTH_TOKEN_FILE: "t" }, () => token);
    expect(problems).toEqual([expect.stringContaining("16 printable characters")]);
    if (token !== "") expect(problems[0]).not.toContain(token);
  });
});

test("passwords in a URL are neither reported nor shown", () => {
  const secret = "://user:hunter2@db/tiffin?password=hunter2";
  for (const name of ["TIFFIN_STORE_URL", "TIFFIN_ANALYTICS_URL"]) {
    const env = { [name]: `oracle${secret}` };
    const shown = [...problemsOf(env), shownConfig(env)];
    expect(shown).toHaveLength(2);
    expect(JSON.stringify(shown)).toContain("oracle://[redacted]@db/tiffin");
    expect(JSON.stringify(shown)).not.toContain("hunter2");
  }
});

test.each([
  ["65536", 65_536],
  ["64KiB", 65_536],
  ["1MiB", 1_048_576],
])("%s is a number of bytes", (given, bytes) => {
  expect(readConfig({ TIFFIN_MESSAGE_BYTES_MAX: given }, noFile).messageBytesMax).toBe(bytes);
});

test.each([
  ["250ms", 250],
  ["30s", 30_000],
  ["10m", 600_000],
  ["1h", 3_600_000],
])("%s is a duration", (given, ms) => {
  expect(readConfig({ TIFFIN_DEADLINE_DEFAULT: given }, noFile).deadlineDefaultMs).toBe(ms);
});
