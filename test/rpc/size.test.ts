import { gzipSync } from "node:zlib";
import { create, toBinary } from "@bufbuild/protobuf";
import { Code } from "@connectrpc/connect";
import { describe, expect, test } from "vitest";
import { GetRequestSchema, KeyValueService } from "#gen/tiffin/kv/v1/key_value_service_pb.ts";
import { callRaw, frame } from "../support/raw-grpc.ts";
import { callJson, requestRaw } from "../support/raw-http.ts";
import { startServing } from "../support/start-serving.ts";
import { lengthDelimited } from "../support/wire.ts";

const path = `/${KeyValueService.typeName}/Get`;
const good = toBinary(GetRequestSchema, create(GetRequestSchema, { key: "a" }));
const proto = { "content-type": "application/proto" };

describe("deep nesting", () => {
  const deep = (levels: number) => `${"[".repeat(levels)}${"]".repeat(levels)}`;

  test.each([200, 20_000, 1_000_000])("%i levels of JSON are a status", async (levels) => {
    await using running = await startServing();
    const body = `{"key":"a","value":{"json":${deep(levels)}}}`;
    const answer = await callJson(running.target.http, "Set", body);
    expect([answer.status, answer.reason]).toEqual([400, "MALFORMED_MESSAGE"]);
    expect(running.room.calls).toBe(0);
  });

  test("10,000 levels of protobuf are a status", async () => {
    await using running = await startServing();
    let nested: Uint8Array = Uint8Array.of();
    // google.protobuf.Value.list_value = 6 of ListValue.values = 1.
    for (let level = 0; level < 10_000; level++) {
      const inner = lengthDelimited(1, nested);
      nested = lengthDelimited(6, inner);
    }
    const value = lengthDelimited(3, nested);
    const request = Buffer.concat([
      lengthDelimited(2, Buffer.from("a")),
      lengthDelimited(3, value),
    ]);
    const body = frame(request);
    const set = `/${KeyValueService.typeName}/Set`;
    expect(await callRaw(running.target.grpc, { path: set, body })).toMatchObject({
      code: Code.InvalidArgument,
      reason: "MALFORMED_MESSAGE",
    });
  });
});

describe("size", () => {
  const limit = 64 * 1024;
  const env = { TIFFIN_MESSAGE_BYTES_MAX: String(limit) };
  const tooLarge = new Uint8Array(limit + 1);

  test("a message over the limit is refused over gRPC and HTTP", async () => {
    await using running = await startServing(env);
    expect(await callRaw(running.target.grpc, { path, body: frame(tooLarge) })).toMatchObject({
      code: Code.ResourceExhausted,
      reason: "MESSAGE_TOO_LARGE",
      metadata: { max: String(limit) },
    });
    const answer = await requestRaw(running.target.http, { path, headers: proto, body: tooLarge });
    expect([answer.status, answer.reason]).toEqual([429, "MESSAGE_TOO_LARGE"]);
  });

  test("an announced length over the limit is refused before it arrives", async () => {
    await using running = await startServing(env);
    const announced = frame(tooLarge).subarray(0, 16);
    expect(await callRaw(running.target.grpc, { path, body: announced, end: false })).toMatchObject(
      { code: Code.ResourceExhausted, reason: "MESSAGE_TOO_LARGE" },
    );
  });

  test("a gzip bomb counts what it would become", async () => {
    await using running = await startServing(env);
    const bomb = gzipSync(new Uint8Array(100 * 1024 * 1024));
    expect(bomb.length).toBeGreaterThan(limit);
    const small = gzipSync(new Uint8Array(10 * 1024 * 1024));
    expect(small.length).toBeLessThan(limit);
    const headers = { "grpc-encoding": "gzip" };
    const body = frame(small, true);
    expect(await callRaw(running.target.grpc, { path, headers, body })).toMatchObject({
      code: Code.ResourceExhausted,
      reason: "MESSAGE_TOO_LARGE",
    });
    const encoded = { ...proto, "content-encoding": "gzip" };
    const answer = await requestRaw(running.target.http, { path, headers: encoded, body: small });
    expect([answer.status, answer.reason]).toEqual([429, "MESSAGE_TOO_LARGE"]);
  });

  test("an answer over the limit is refused over gRPC and HTTP", async () => {
    await using running = await startServing(env);
    running.room.behave("a", () => ({
      entry: { key: "a", value: { kind: { case: "bytes", value: tooLarge } } },
    }));
    expect(await callRaw(running.target.grpc, { path, body: frame(good) })).toMatchObject({
      code: Code.ResourceExhausted,
      reason: "MESSAGE_TOO_LARGE",
    });
    const answer = await callJson(running.target.http, "Get", { key: "a" });
    expect([answer.status, answer.reason]).toEqual([429, "MESSAGE_TOO_LARGE"]);
  });

  test("2 million tiny elements are a status, and the server goes on", async () => {
    await using running = await startServing();
    const keys = new Uint8Array(4 * 1024 * 1024 - 1024);
    // repeated string keys = 2, each empty.
    for (let at = 0; at < keys.length; at += 2) keys[at] = 0x12;
    const batch = `/${KeyValueService.typeName}/BatchGet`;
    expect(await callRaw(running.target.grpc, { path: batch, body: frame(keys) })).toMatchObject({
      code: Code.InvalidArgument,
      reason: "INVALID_FIELD",
    });
    expect((await callRaw(running.target.grpc, { path, body: frame(good) })).code).toBe(0);
  });
});

describe("requests in handling", () => {
  test("beyond their bound are refused as overloaded, and taken again once others end", async () => {
    await using running = await startServing({ TIFFIN_REQUEST_BYTES_MAX: "8KiB" });
    const { promise: released, resolve: release } = Promise.withResolvers<object>();
    const { promise: held, resolve: hold } = Promise.withResolvers<void>();
    running.room.behave("a", () => {
      hold();
      return released;
    });
    const namespace = "n".repeat(6 * 1024);
    const large = (key: string) =>
      frame(toBinary(GetRequestSchema, create(GetRequestSchema, { namespace, key })));
    const first = callRaw(running.target.grpc, { path, body: large("a") });
    await held;
    expect(await callRaw(running.target.grpc, { path, body: large("b") })).toMatchObject({
      code: Code.ResourceExhausted,
      reason: "OVERLOADED",
    });
    const answer = await callJson(running.target.http, "Get", { namespace, key: "b" });
    expect(answer.reason).toBe("OVERLOADED");
    release({});
    expect((await first).code).toBe(0);
    expect((await callRaw(running.target.grpc, { path, body: large("b") })).code).toBe(0);
    expect((await callJson(running.target.http, "Get", { namespace, key: "b" })).status).toBe(200);
  });
});
