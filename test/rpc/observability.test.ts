import { Code } from "@connectrpc/connect";
import { Registry } from "prom-client";
import { describe, expect, test } from "vitest";
import { KeyValueService } from "#gen/tiffin/kv/v1/key_value_service_pb.ts";
import { type ErrorKind, TiffinError } from "../../src/errors.ts";
import { banner } from "../../src/observability/banner.ts";
import { CallMetrics } from "../../src/observability/call-metrics.ts";
import { createLogger } from "../../src/observability/logger.ts";
import { createTerminalLines } from "../../src/observability/terminal-lines.ts";
import { errorTable } from "../../src/rpc/errors.ts";
import { levelOf } from "../../src/rpc/interceptors/logging.ts";
import { openClient } from "../support/clients.ts";
import { callRaw } from "../support/raw-grpc.ts";
import { callJson, requestRaw } from "../support/raw-http.ts";
import { startServing } from "../support/start-serving.ts";

describe("the level of a call", () => {
  test("is debug when it went well", () => {
    expect(levelOf(0)).toBe("debug");
  });

  const loud: Partial<Record<ErrorKind, string>> = {
    internal: "error",
    store_full: "warn",
    limit_exceeded: "warn",
    message_too_large: "warn",
    overloaded: "warn",
    shutting_down: "warn",
    outcome_unknown: "warn",
    store_unreachable: "warn",
  };

  test.each(Object.keys(errorTable) as ErrorKind[])("that failed with %s", (kind) => {
    expect(levelOf(errorTable[kind].code)).toBe(loud[kind] ?? "info");
  });

  test("is error for codes that only defects have", () => {
    expect([Code.Unknown, Code.DataLoss].map(levelOf)).toEqual(["error", "error"]);
  });
});

test("each call is one event, which says who, what and how long, and nothing of what is stored", async () => {
  await using running = await startServing();
  running.room.behave("secret-key", () => {
    throw new TiffinError("precondition_failed", "expected 1, is 2");
  });
  const headers = {
    "tiffin-tenant": "acme",
    "x-request-id": "call-1",
    authorization: "Bearer t0ken",
  };
  const { client, close } = openClient(KeyValueService, "grpc", { ...running.target, headers });
  await client.set({ key: "secret-key", value: { kind: { case: "text", value: "secret-value" } } });
  await client.get({ key: "secret-key" }).catch(() => undefined);
  close();
  expect(running.logged).toHaveLength(2);
  expect(running.logged[0]).toMatchObject({
    level: "debug",
    method: "tiffin.kv.v1.KeyValueService/Set",
    code: "OK",
    tenant: "acme",
    system: "grpc",
    duration_ms: expect.any(Number),
    peer: expect.stringMatching(/^127\.0\.0\.1:\d+$/),
  });
  expect(running.logged[1]).toMatchObject({
    level: "info",
    code: "ABORTED",
    reason: "PRECONDITION_FAILED",
    request_id: "call-1",
  });
  expect(JSON.stringify(running.logged)).not.toMatch(/secret|t0ken/);
});

test("a header or token that is logged by mistake is censored", () => {
  let line = "";
  const logger = createLogger("info", {
    write(text) {
      line += text;
    },
  });
  logger.info({ headers: { authorization: "Bearer t0ken" }, token: "t0ken" }, "oops");
  expect(line).not.toContain("t0ken");
  expect(line).toContain("[redacted]");
});

test("metrics know methods and codes, and neither tenants nor keys nor invented paths", async () => {
  await using running = await startServing();
  await callJson(running.target.http, "Get", { key: "secret-key" }, { "tiffin-tenant": "acme" });
  await callRaw(running.target.grpc, { path: "/invented.Service/Method" });
  await callRaw(running.target.grpc, { path: "/invented.Service/Other" });
  const { text, headers } = await requestRaw(running.target.http, {
    method: "GET",
    path: "/metrics",
  });
  expect(headers["content-type"]).toMatch(/^text\/plain; version=0.0.4/);
  expect(text).toContain(
    'rpc_server_call_duration_seconds_count{rpc_system_name="grpc",rpc_method="_OTHER",rpc_response_status_code="UNIMPLEMENTED"} 2',
  );
  expect(text).toContain("process_cpu_seconds_total");
  expect(text).toContain("tiffin_request_bytes 0");
  expect(text).not.toMatch(/acme|secret-key|invented/);
});

test("durations fall into cumulative buckets, with their sum and count", async () => {
  const registry = new Registry();
  const observe = new CallMetrics(registry).forMethod("grpc", "a.B/C");
  for (const seconds of [0.00005, 0.0002, 0.003, 99]) observe(0, () => "OK", seconds);
  observe(5, () => "NOT_FOUND", 1);
  const text = await registry.metrics();
  const of = (name: string, labels = "") =>
    new RegExp(`rpc_server_call_duration_seconds_${name}{.*"OK"${labels}} (.*)`).exec(text)?.[1];
  expect(of("bucket", ',le="0.0001"')).toBe("1");
  expect(of("bucket", ',le="0.00025"')).toBe("2");
  expect(of("bucket", ',le="0.005"')).toBe("3");
  expect(of("bucket", ',le="10"')).toBe("3");
  expect(of("bucket", ',le="\\+Inf"')).toBe("4");
  expect(of("count")).toBe("4");
  expect(Number(of("sum"))).toBeCloseTo(99.00325);
});

describe("at a terminal", () => {
  test("the banner says where it listens and what to try", () => {
    const text = banner({ grpc: ["127.0.0.1:50051"], http: ["127.0.0.1:8080"] });
    expect(text).toContain("gRPC  127.0.0.1:50051");
    expect(text).toContain("HTTP  http://127.0.0.1:8080");
    expect(text).toContain("grpcurl -plaintext");
    expect(text).toContain("127.0.0.1:50051 tiffin.kv.v1.KeyValueService/Set");
    expect(text).toContain("curl -s 127.0.0.1:8080/tiffin.kv.v1.KeyValueService/Get");
  });

  test("an event is one line, and its error's stack follows", () => {
    const lines: string[] = [];
    const logger = createLogger(
      "info",
      createTerminalLines((line) => lines.push(line)),
    );
    logger.warn({ code: "UNAVAILABLE", err: new Error("why") }, "call");
    expect(lines.join("")).toMatch(
      /^\d\d:\d\d:\d\d WARN call code="UNAVAILABLE"\nError: why\n {4}at /,
    );
  });
});
