import { create, toBinary } from "@bufbuild/protobuf";
import { Code } from "@connectrpc/connect";
import { describe, expect, test } from "vitest";
import { GetRequestSchema, KeyValueService } from "#gen/tiffin/kv/v1/key_value_service_pb.ts";
import { caught } from "../support/caught.ts";
import { openClient, type TransportName, transportNames } from "../support/clients.ts";
import { ManualClock } from "../support/manual-clock.ts";
import { callRaw, frame } from "../support/raw-grpc.ts";
import { callJson } from "../support/raw-http.ts";
import { type RunningServing, startServing } from "../support/start-serving.ts";

const token = "0123456789abcdef-token";
const path = `/${KeyValueService.typeName}/Get`;

describe.each(transportNames)("over %s", (name) => {
  const open = (running: RunningServing, headers: Record<string, string> = {}) =>
    openClient(KeyValueService, name, { ...running.target, headers });

  test.each([
    ["no token", {}],
    ["a wrong token", { authorization: "Bearer 0123456789abcdef-tokem" }],
    ["a prefix of the token", { authorization: "Bearer 0123456789abcdef" }],
    ["another scheme", { authorization: `Basic ${token}` }],
    ["an empty token", { authorization: "Bearer " }],
  ])("%s is refused, and says nothing more", async (_, headers) => {
    await using running = await startServing({}, { config: { authToken: token } });
    const { client, close } = open(running, headers as Record<string, string>);
    const error = await caught(client.get({ key: "a" }));
    expect([error.code, error.reason]).toEqual([Code.Unauthenticated, "UNAUTHENTICATED"]);
    expect(running.room.calls).toBe(0);
    close();
  });

  test("the token lets a call in, whatever the case of its scheme", async () => {
    await using running = await startServing({}, { config: { authToken: token } });
    const { client, close } = open(running, { authorization: `bearer ${token}` });
    await client.get({ key: "a" });
    expect(running.room.calls).toBe(1);
    close();
  });

  test("the tenant is the header's, and default without one", async () => {
    await using running = await startServing();
    const { client, close } = open(running);
    await client.get({ key: "a" });
    expect(running.room.lastCall?.tenant).toBe("default");
    await client.get({ key: "a" }, { headers: { "tiffin-tenant": "a-1" } });
    expect(running.room.lastCall?.tenant).toBe("a-1");
    close();
  });

  test.each(["", "A", "-a", "a_b", "a.b", "../x", "a,b", "ä", "a".repeat(64)].filter(isSendable))(
    "a tenant called %j is an invalid field",
    async (tenant) => {
      await using running = await startServing();
      const { client, close } = open(running);
      const error = await caught(
        client.get({ key: "a" }, { headers: { "tiffin-tenant": tenant } }),
      );
      expect([error.code, error.reason]).toEqual([Code.InvalidArgument, "INVALID_FIELD"]);
      expect(error.violations).toMatchObject([{ field: "tiffin-tenant" }]);
      expect(running.room.calls).toBe(0);
      close();
    },
  );

  test("a unary call gets the default deadline, and a shorter one of its client", async () => {
    const clock = new ManualClock();
    await using running = await startServing({ TIFFIN_DEADLINE_DEFAULT: "30s" }, { clock });
    const { client, close } = open(running);
    await client.get({ key: "a" });
    expect(running.room.lastCall?.deadline).toBe(clock.now() + 30_000);
    await client.get({ key: "a" }, { timeoutMs: 20_000 });
    expect(running.room.lastCall?.deadline).toBeLessThanOrEqual(clock.now() + 20_000);
    await client.get({ key: "a" }, { timeoutMs: 90_000 });
    expect(running.room.lastCall?.deadline).toBe(clock.now() + 30_000);
    close();
  });

  test("a stream gets no deadline but its client's", async () => {
    await using running = await startServing();
    const { client, close } = open(running);
    for await (const _ of client.scan({})) expect.unreachable("nothing is stored");
    expect(running.room.lastCall?.deadline).toBeUndefined();
    close();
  });

  test("a broken rule names its field and value", async () => {
    await using running = await startServing();
    const { client, close } = open(running);
    const requestId = "x".repeat(100);
    const value = { kind: { case: "integer", value: 1n } } as const;
    const error = await caught(client.set({ key: "", value, requestId }));
    expect([error.code, error.reason]).toEqual([Code.InvalidArgument, "INVALID_FIELD"]);
    expect(error.violations.map(({ field }) => field)).toEqual(["key", "request_id"]);
    expect(error.violations[1]?.description).toContain("xxx...");
    expect(error.violations[1]?.description).not.toContain("x".repeat(65));
    expect(running.room.calls).toBe(0);
    close();
  });

  test("a defect is answered with nothing but the id under which its cause is logged", async () => {
    await using running = await startServing();
    running.room.behave("a", () => {
      throw new Error("connect failed: password=hunter2");
    });
    const { client, close } = open(running, { "x-request-id": "my-call" });
    const error = await caught(client.get({ key: "a" }));
    expect([error.code, error.reason]).toEqual([Code.Internal, "INTERNAL"]);
    expect(error.metadata).toEqual({ request_id: "my-call" });
    expect(error.message).not.toContain("hunter2");
    const [event] = running.logged.filter(({ level }) => level === "error");
    expect(event).toMatchObject({ request_id: "my-call", code: "INTERNAL" });
    expect(JSON.stringify(event)).toContain("hunter2");
    close();
  });

  test("a client that goes away aborts what it waits for", async () => {
    await using running = await startServing();
    const { promise: aborted, resolve } = Promise.withResolvers<unknown>();
    const { promise: begun, resolve: begin } = Promise.withResolvers<void>();
    running.room.behave("a", (context) => {
      context.signal.addEventListener("abort", () => resolve(context.signal.reason));
      begin();
      return aborted.then(() => ({}));
    });
    const { client, close } = open(running);
    const leaving = new AbortController();
    const call = caught(client.get({ key: "a" }, { signal: leaving.signal }));
    await begun;
    leaving.abort();
    await aborted;
    expect((await call).code).toBe(Code.Canceled);
    close();
  });

  test("a client's deadline ends the call while the room still waits", async () => {
    await using running = await startServing();
    running.room.behave("a", (context) => {
      const { promise, resolve } = Promise.withResolvers<object>();
      context.signal.addEventListener("abort", () => resolve({}));
      return promise;
    });
    const { client, close } = open(running);
    const error = await caught(client.get({ key: "a" }, { timeoutMs: 30 }));
    expect(error.code).toBe(Code.DeadlineExceeded);
    close();
  });
});

/** What a client library refuses to send is tested by hand, below. */
function isSendable(tenant: string): boolean {
  return /^[ -~]+$/.test(tenant);
}

describe("authentication comes before decoding", () => {
  const garbage = Buffer.from("not a message");

  test("over gRPC: the body of an unauthenticated call is never read", async () => {
    await using running = await startServing({}, { config: { authToken: token } });
    const unfinished = { path, body: garbage, end: false };
    expect(await callRaw(running.target.grpc, unfinished)).toMatchObject({
      code: Code.Unauthenticated,
      reason: "UNAUTHENTICATED",
    });
  });

  test("over HTTP: a body that is no JSON is not looked at", async () => {
    await using running = await startServing({}, { config: { authToken: token } });
    const answer = await callJson(running.target.http, "Get", "{]");
    expect([answer.status, answer.reason]).toEqual([401, "UNAUTHENTICATED"]);
  });

  test("unknown methods are no oracle", async () => {
    await using running = await startServing({}, { config: { authToken: token } });
    expect((await callRaw(running.target.grpc, { path: "/a.B/C" })).code).toBe(
      Code.Unauthenticated,
    );
    expect((await callJson(running.target.http, "Nothing", {})).status).toBe(401);
  });

  test("metrics are behind the token, liveness and readiness are not", async () => {
    await using running = await startServing({}, { config: { authToken: token } });
    const { requestRaw } = await import("../support/raw-http.ts");
    const get = (each: string, headers = {}) =>
      requestRaw(running.target.http, { method: "GET", path: each, headers });
    expect((await get("/metrics")).status).toBe(401);
    expect((await get("/metrics", { authorization: `Bearer ${token}` })).status).toBe(200);
    expect((await get("/livez")).status).toBe(200);
    expect((await get("/readyz")).status).toBe(200);
  });
});

test("a tenant header that is empty or given twice is an invalid field over both", async () => {
  await using running = await startServing();
  const body = frame(toBinary(GetRequestSchema, create(GetRequestSchema, { key: "a" })));
  for (const tenant of ["", ["a", "b"], ["a", "a"]]) {
    const headers = { "tiffin-tenant": tenant };
    expect(await callRaw(running.target.grpc, { path, body, headers })).toMatchObject({
      code: Code.InvalidArgument,
      reason: "INVALID_FIELD",
    });
    const answer = await callJson(running.target.http, "Get", { key: "a" }, headers as never);
    expect([answer.status, answer.reason]).toEqual([400, "INVALID_FIELD"]);
  }
});

test("the same call is counted by the same name, once, on every transport", async () => {
  await using running = await startServing();
  for (const name of transportNames) await getOnce(running, name);
  const { requestRaw } = await import("../support/raw-http.ts");
  const { text } = await requestRaw(running.target.http, { method: "GET", path: "/metrics" });
  const method = `rpc_method="${KeyValueService.typeName}/Get",rpc_response_status_code="OK"`;
  expect(text).toContain(
    `rpc_server_call_duration_seconds_count{rpc_system_name="grpc",${method}} 1`,
  );
  expect(text).toContain(
    `rpc_server_call_duration_seconds_count{rpc_system_name="connectrpc",${method}} 3`,
  );
});

async function getOnce(running: RunningServing, name: TransportName): Promise<void> {
  const { client, close } = openClient(KeyValueService, name, running.target);
  await client.get({ key: "a" });
  close();
}
