/** Answers that no message has room for, which each transport finds out where it writes them. */
import { create, toBinary } from "@bufbuild/protobuf";
import { Code } from "@connectrpc/connect";
import { describe, expect, test } from "vitest";
import { ValueSchema } from "#gen/tiffin/kv/v1/entry_pb.ts";
import { GetRequestSchema, KeyValueService } from "#gen/tiffin/kv/v1/key_value_service_pb.ts";
import { failureOf } from "../contracts/rpc-messages.ts";
import { openClient, transportNames } from "../support/clients.ts";
import { frame } from "../support/raw-grpc.ts";
import { type RawRequest, requestRaw } from "../support/raw-http.ts";
import { startServing } from "../support/start-serving.ts";
import { until } from "../support/until.ts";

const limit = 64 * 1024;
const noFields = Buffer.from("{}");
const bytesOf = (bytes: number) =>
  create(ValueSchema, { kind: { case: "bytes", value: new Uint8Array(bytes) } });
const tooLarge = (name: string) => ({
  code: Code.ResourceExhausted,
  reason: "MESSAGE_TOO_LARGE",
  metadata: {
    limit: "TIFFIN_MESSAGE_BYTES_MAX",
    max: String(limit),
    actual: expect.stringMatching(name === "connect-json" ? /^8\d{4}$/ : /^65\d{3}$/),
  },
});

describe("a room is told what an answer takes as JSON", () => {
  const encoded = toBinary(GetRequestSchema, create(GetRequestSchema, { key: "a" }));
  const base64 = Buffer.from(encoded).toString("base64url");
  const path = `/${KeyValueService.typeName}`;
  const post = (method: string, type: string, body: string | Uint8Array): RawRequest => ({
    ...{ path: `${path}/${method}`, headers: { "content-type": type }, body },
  });
  const get = (parameters: Record<string, string>): RawRequest => ({
    ...{ method: "GET", path: `${path}/Get?${new URLSearchParams(parameters)}` },
  });
  const json = '{"key":"a"}';
  const requests: [of: string, isJson: boolean, request: RawRequest][] = [
    ["of a call in JSON", true, post("Get", "application/json", json)],
    ["of a query in JSON", true, get({ encoding: "json", message: json })],
    ["of a stream in JSON", true, post("Scan", "application/connect+json", frame(noFields))],
    ["not of a call in protobuf", false, post("Get", "application/proto", encoded)],
    ["not of a query in protobuf", false, get({ encoding: "proto", base64: "1", message: base64 })],
  ];
  test.each(requests)("%s", async (_, isJson, request) => {
    await using running = await startServing();
    expect((await requestRaw(running.target.http, request)).status).toBe(200);
    const { jsonBytesOf } = running.room.lastCall ?? {};
    const bytes = jsonBytesOf?.(ValueSchema, bytesOf(300));
    expect(bytes).toBe(isJson ? '{"bytes":""}'.length + 400 : undefined);
  });
});

describe.each(transportNames)("an answer over the limit, over %s", (name) => {
  test("fails its call with the limit and what it takes", async () => {
    await using running = await startServing({ TIFFIN_MESSAGE_BYTES_MAX: String(limit) });
    const { client, close } = openClient(KeyValueService, name, running.target);
    running.room.values.set("large", bytesOf(limit));
    expect(await failureOf(client.get({ key: "large" }))).toMatchObject(tooLarge(name));
    await until(() => running.logged.length > 0);
    expect(running.logged).toMatchObject([{ code: "RESOURCE_EXHAUSTED" }]);
    close();
  });

  test("ends its stream with the same, after what fits", async () => {
    await using running = await startServing({ TIFFIN_MESSAGE_BYTES_MAX: String(limit) });
    const { client, close } = openClient(KeyValueService, name, running.target);
    running.room.values.set("small", bytesOf(1000));
    running.room.values.set("large", bytesOf(limit));
    const keys: string[] = [];
    const read = async (): Promise<void> => {
      for await (const { entries } of client.scan({})) keys.push(...entries.map(({ key }) => key));
    };
    expect(await failureOf(read())).toMatchObject(tooLarge(name));
    expect(keys).toEqual(["small"]);
    await until(() => running.logged.length > 0);
    expect(running.logged).toMatchObject([{ code: "RESOURCE_EXHAUSTED" }]);
    close();
  });
});
