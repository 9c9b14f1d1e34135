import { gzipSync } from "node:zlib";
import { create, toBinary } from "@bufbuild/protobuf";
import { describe, expect, test } from "vitest";
import { ValueSchema } from "#gen/tiffin/kv/v1/entry_pb.ts";
import { KeyValueService, SetRequestSchema } from "#gen/tiffin/kv/v1/key_value_service_pb.ts";
import { callAndReset } from "../support/http2-frames.ts";
import { callRaw, frame } from "../support/raw-grpc.ts";
import { startServing } from "../support/start-serving.ts";
import { until } from "../support/until.ts";

const path = `/${KeyValueService.typeName}/Set`;
const headers = { ":path": path, "content-type": "application/grpc", te: "trailers" };

function setOf(bytes: number): Uint8Array {
  const value = create(ValueSchema, { kind: { case: "bytes", value: new Uint8Array(bytes) } });
  return toBinary(SetRequestSchema, create(SetRequestSchema, { key: "k", value }));
}

describe("a call that ends early", () => {
  test.each([
    ["the whole request", frame(setOf(10))],
    ["a part of the request", frame(setOf(10)).subarray(0, 8)],
    ["nothing", undefined],
  ])("is cancelled and not carried out when its client resets it after %s", async (_, body) => {
    await using running = await startServing();
    await callAndReset(running.target.grpc, { headers, ...(body && { body }) });
    await until(() => running.logged.length > 0);
    expect(running.logged).toMatchObject([{ code: "CANCELLED" }]);
    expect(running.room.calls).toBe(0);
  });

  test("is logged with who called", async () => {
    await using running = await startServing();
    await callAndReset(running.target.grpc, { headers });
    await until(() => running.logged.length > 0);
    expect(running.logged[0]?.["peer"]).toMatch(/^127\.0\.0\.1:\d+$/);
  });

  test("holds nothing of a request that is decompressed after it", async () => {
    await using running = await startServing({ TIFFIN_REQUEST_BYTES_MAX: "6MiB" });
    const call = {
      path,
      headers: { "grpc-encoding": "gzip" },
      body: frame(gzipSync(setOf(4_000_000)), true),
    };
    for (let times = 0; times < 10; times++) {
      const late = { ...call.headers, "grpc-timeout": "1m" };
      expect(await callRaw(running.target.grpc, { ...call, headers: late })).toMatchObject({
        reason: "DEADLINE_EXCEEDED",
      });
    }
    // It comes after them in the same threads that decompress, and would find their bytes still counted.
    expect((await callRaw(running.target.grpc, call)).code).toBe(0);
  });
});

test.each(["597H", "1000H", "99999999H", "99999999M", "99999999S"])(
  "a timeout of %s is long, and not over at once",
  async (timeout) => {
    await using running = await startServing();
    const call = { path, headers: { "grpc-timeout": timeout }, body: frame(setOf(10)) };
    expect((await callRaw(running.target.grpc, call)).code).toBe(0);
  },
);
