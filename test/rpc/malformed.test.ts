import { brotliCompressSync, gzipSync } from "node:zlib";
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
const json = { "content-type": "application/json" };
const proto = { "content-type": "application/proto" };

/** What each listener answers to the same mistake. */
const malformed: readonly [string, Uint8Array][] = [
  ["a length beyond the end", Uint8Array.of(0x12, 0x7f, 0x61)],
  ["an endless number", new Uint8Array(20).fill(0xff)],
  ["field number 0", Uint8Array.of(0x00, 0x00)],
  ["an unknown wire type", Uint8Array.of(0x17)],
  ["a group that never ends", Uint8Array.of(0x13)],
  ["random text", Buffer.from("GET / HTTP/1.1\r\n\r\n")],
];

describe.each(malformed)("protobuf with %s", (_, bytes) => {
  test("is a malformed message over gRPC and Connect", async () => {
    await using running = await startServing();
    const body = frame(bytes);
    expect(await callRaw(running.target.grpc, { path, body })).toMatchObject({
      code: Code.InvalidArgument,
      reason: "MALFORMED_MESSAGE",
    });
    const answer = await requestRaw(running.target.http, { path, headers: proto, body: bytes });
    expect([answer.status, answer.reason]).toEqual([400, "MALFORMED_MESSAGE"]);
    expect(running.room.calls).toBe(0);
  });
});

describe("JSON", () => {
  test.each([
    ["that is none", "{]", "it is not valid JSON"],
    ["cut off", '{"key":"a"', "it is not valid JSON"],
    ["that is a list", "[]", "must be an object, is a list"],
    ["with a key of the wrong type", '{"key":1}', "key: must be a string, is 1"],
    ["with an unknown field", '{"key":"a","kay":"b"}', 'has no field "kay"'],
    ["with a field given twice", '{"key":"a","key":"b"}', 'gives "key" twice'],
    ["that is empty", "", "it is not valid JSON"],
    ["that is not UTF-8", Buffer.from('{"key":"caf\xe9"}', "latin1"), "it is not valid UTF-8"],
    [
      "with half of a surrogate pair",
      '{"key":"\\ud800"}',
      "key: must be a string without half of a surrogate pair",
    ],
  ])("%s is a malformed message, and says why", async (_, body, why) => {
    await using running = await startServing();
    const answer = await requestRaw(running.target.http, { path, headers: json, body });
    expect([answer.status, answer.reason]).toEqual([400, "MALFORMED_MESSAGE"]);
    expect(JSON.parse(answer.text).message).toContain(why);
    expect(running.room.calls).toBe(0);
  });

  test("with a name that its enum lacks is a malformed message, and says what it has", async () => {
    await using running = await startServing();
    const answer = await callJson(running.target.http, "List", { view: "HUNTER2" });
    expect([answer.status, answer.reason]).toEqual([400, "MALFORMED_MESSAGE"]);
    expect(JSON.parse(answer.text).message).toContain("view: must be one of ENTRY_VIEW_");
    expect(answer.text).not.toContain("HUNTER2");
  });

  test("in a GET is read like any other", async () => {
    await using running = await startServing();
    const get = (message: string) =>
      requestRaw(running.target.http, {
        method: "GET",
        path: `${path}?encoding=json&message=${encodeURIComponent(message)}`,
      });
    expect((await get('{"key":"a"}')).status).toBe(200);
    expect((await get('{"kay":"a"}')).reason).toBe("MALFORMED_MESSAGE");
    expect((await get('{"key":""}')).reason).toBe("INVALID_FIELD");
  });

  test("in a GET, in base64 that is none, is a malformed message", async () => {
    await using running = await startServing();
    for (const message of ["%25%25%25", "A", "e30!"]) {
      const query = `encoding=json&base64=1&message=${message}`;
      const answer = await requestRaw(running.target.http, {
        method: "GET",
        path: `${path}?${query}`,
      });
      expect([answer.status, answer.reason], message).toEqual([400, "MALFORMED_MESSAGE"]);
    }
    expect(running.logged.map(({ level }) => level)).toEqual(["info", "info", "info"]);
  });

  test.each(["9007199254740992", "-9007199254740993", "12345678901234567", "9223372036854775807"])(
    "an integer that reading it as a number would round is refused, and exact in quotes: %s",
    async (integer) => {
      await using running = await startServing();
      const set = (written: string) =>
        callJson(running.target.http, "Set", `{"key":"a","value":{"integer":${written}}}`);
      const refused = await set(integer);
      expect([refused.status, refused.reason]).toEqual([400, "MALFORMED_MESSAGE"]);
      expect(JSON.parse(refused.text).message).toContain("value.integer: ");
      expect(JSON.parse(refused.text).message).toContain("in quotes");
      expect(running.room.values.size).toBe(0);
      expect((await set(`"${integer}"`)).status).toBe(200);
      expect(running.room.values.get("a")?.kind.value).toBe(BigInt(integer));
    },
  );

  test("the largest integers that a number holds need no quotes", async () => {
    await using running = await startServing();
    for (const integer of [Number.MAX_SAFE_INTEGER, Number.MIN_SAFE_INTEGER]) {
      await callJson(running.target.http, "Set", { key: "a", value: { integer } });
      expect(running.room.values.get("a")?.kind.value).toBe(BigInt(integer));
    }
  });

  test("answers defaults too", async () => {
    await using running = await startServing();
    const answer = await callJson(running.target.http, "Delete", {});
    expect(answer.reason).toBe("INVALID_FIELD");
    const absent = await callJson(running.target.http, "Get", { key: "absent" });
    expect(JSON.parse(absent.text)).toEqual({ revision: "1" });
  });
});

describe("what the codec quotes is not repeated", () => {
  test("a value of the wrong type does not come back", async () => {
    await using running = await startServing();
    const body = { key: "a", value: { integer: "hunter2" } };
    const answer = await callJson(running.target.http, "Set", body);
    expect(answer.reason).toBe("MALFORMED_MESSAGE");
    expect(answer.text).toContain("integer");
    expect(answer.text).not.toContain("hunter2");
    expect(JSON.stringify(running.logged)).not.toContain("hunter2");
  });

  test("text that is not JSON does not come back", async () => {
    await using running = await startServing();
    const answer = await callJson(running.target.http, "Set", "hunter2");
    expect(answer.text).not.toContain("hunter2");
    expect(JSON.stringify(running.logged)).not.toContain("hunter2");
  });
});

describe("the protocol's own headers", () => {
  test("an unknown compression is unimplemented", async () => {
    await using running = await startServing();
    const headers = { "grpc-encoding": "zstd" };
    const body = frame(good, true);
    expect(await callRaw(running.target.grpc, { path, headers, body })).toMatchObject({
      code: Code.Unimplemented,
      reason: "MALFORMED_MESSAGE",
    });
    const encoded = { ...json, "content-encoding": "zstd" };
    const answer = await requestRaw(running.target.http, { path, headers: encoded, body: "{}" });
    expect([answer.status, answer.reason]).toEqual([501, "MALFORMED_MESSAGE"]);
  });

  test("what only claims to be compressed is malformed", async () => {
    await using running = await startServing();
    const headers = { "grpc-encoding": "gzip" };
    const body = frame(good, true);
    expect(await callRaw(running.target.grpc, { path, headers, body })).toMatchObject({
      code: Code.InvalidArgument,
      reason: "MALFORMED_MESSAGE",
    });
    const encoded = { ...json, "content-encoding": "gzip" };
    const answer = await requestRaw(running.target.http, { path, headers: encoded, body: "{}" });
    expect([answer.status, answer.reason]).toEqual([400, "MALFORMED_MESSAGE"]);
  });

  test.each([
    ["gzip", gzipSync],
    ["br", brotliCompressSync],
  ] as const)(
    "a message whose %s breaks off is malformed, not a defect",
    async (encoding, compress) => {
      await using running = await startServing();
      const cut = (bytes: Uint8Array) => compress(bytes).subarray(0, -3);
      const body = cut(Buffer.from('{"key":"a"}'));
      const headers = { ...json, "content-encoding": encoding };
      const answer = await requestRaw(running.target.http, { path, headers, body });
      expect([answer.status, answer.reason]).toEqual([400, "MALFORMED_MESSAGE"]);
      expect(JSON.parse(answer.text).message).toBe("the request cannot be decompressed");
      expect(running.room.calls).toBe(0);
    },
  );

  test("a message whose gzip breaks off is malformed over gRPC", async () => {
    await using running = await startServing();
    const headers = { "grpc-encoding": "gzip" };
    const body = frame(gzipSync(good).subarray(0, -3), true);
    expect(await callRaw(running.target.grpc, { path, headers, body })).toMatchObject({
      code: Code.InvalidArgument,
      reason: "MALFORMED_MESSAGE",
    });
  });

  test("a timeout that is none is an invalid field", async () => {
    await using running = await startServing();
    const headers = { "grpc-timeout": "soon" };
    expect(await callRaw(running.target.grpc, { path, headers, body: frame(good) })).toMatchObject({
      code: Code.InvalidArgument,
      reason: "INVALID_FIELD",
      metadata: { field: "grpc-timeout" },
    });
    const timeout = { "connect-timeout-ms": "soon" };
    const answer = await callJson(running.target.http, "Get", { key: "a" }, timeout);
    expect([answer.status, answer.reason]).toEqual([400, "INVALID_FIELD"]);
  });

  test("a method that is not here is unimplemented, with 404 over HTTP", async () => {
    await using running = await startServing();
    expect(await callRaw(running.target.grpc, { path: "/a.B/C" })).toMatchObject({
      code: Code.Unimplemented,
      reason: "METHOD_NOT_FOUND",
    });
    const answer = await callJson(running.target.http, "Nothing", {});
    expect([answer.status, answer.reason]).toEqual([404, "METHOD_NOT_FOUND"]);
  });

  test.each([
    ["behind a method", `${path}/{id}`],
    ["in the place of a method", "/sessions/{id}"],
    ["in the place of a service", "/{id}/Get"],
    ["as the whole path", "/{id}"],
    ["as a part of a name", "/tiffin.{id}.SessionService/Get"],
  ])("a session's id %s is neither answered nor logged", async (_, wrong) => {
    await using running = await startServing();
    const id = "hunter2".repeat(7).slice(0, 43);
    const called = { path: wrong.replace("{id}", id), headers: json, body: "{}" };
    const answer = await requestRaw(running.target.http, called);
    expect([answer.status, answer.reason]).toEqual([404, "METHOD_NOT_FOUND"]);
    const grpc = await callRaw(running.target.grpc, { path: called.path });
    expect(grpc.reason).toBe("METHOD_NOT_FOUND");
    const details = Buffer.from(String(grpc.headers["grpc-status-details-bin"]), "base64");
    const told = JSON.stringify([answer, grpc.headers, details.toString("latin1"), running.logged]);
    expect(told).not.toContain("hunter2");
  });

  test("a misspelt method is told", async () => {
    await using running = await startServing();
    const answer = await callJson(running.target.http, "Gett", {});
    expect(JSON.parse(answer.text).message).toBe(`there is no method ${path}t here`);
  });

  test("a call without or with two requests is malformed", async () => {
    await using running = await startServing();
    const twice = Buffer.concat([frame(good), frame(good)]);
    for (const body of [Buffer.alloc(0), twice]) {
      expect(await callRaw(running.target.grpc, { path, body })).toMatchObject({
        code: Code.InvalidArgument,
        reason: "MALFORMED_MESSAGE",
      });
    }
  });

  test("gRPC is not spoken on the HTTP port", async () => {
    await using running = await startServing();
    const headers = { "content-type": "application/grpc" };
    const answer = await requestRaw(running.target.http, { path, headers, body: frame(good) });
    expect(answer.status).toBe(415);
  });
});

test("binary clients may send fields this server does not know", async () => {
  await using running = await startServing();
  const newer = Buffer.concat([good, lengthDelimited(1000, Buffer.from("new"))]);
  expect((await callRaw(running.target.grpc, { path, body: frame(newer) })).code).toBe(0);
});

test("gRPC-Web is told why as well", async () => {
  await using running = await startServing();
  const headers = { "content-type": "application/grpc-web+proto" };
  const body = frame(Uint8Array.of(0x12, 0x7f));
  const answer = await requestRaw(running.target.http, { path, headers, body });
  expect(answer.text).toContain("grpc-status: 3");
  expect(answer.text).toContain("grpc-status-details-bin");
});
