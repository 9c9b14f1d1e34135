import { once } from "node:events";
import { type ClientHttp2Stream, connect, constants } from "node:http2";
import { create, toBinary } from "@bufbuild/protobuf";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { ValueSchema } from "#gen/tiffin/kv/v1/entry_pb.ts";
import { GetRequestSchema, KeyValueService } from "#gen/tiffin/kv/v1/key_value_service_pb.ts";
import { openSocket } from "../support/open-socket.ts";
import { callRaw, frame } from "../support/raw-grpc.ts";
import { callJson, requestRaw } from "../support/raw-http.ts";
import { type RunningServing, startServing } from "../support/start-serving.ts";
import { until } from "../support/until.ts";

const path = `/${KeyValueService.typeName}/Get`;
const getLarge = frame(toBinary(GetRequestSchema, create(GetRequestSchema, { key: "large" })));
const mebibyte = 2 ** 20;

describe("answers that are not read", () => {
  let running: RunningServing;
  beforeEach(async () => {
    running = await startServing({ TIFFIN_ANSWER_BYTES_MAX: String(4 * mebibyte) });
    const kind = { case: "text", value: "x".repeat(mebibyte) } as const;
    running.room.values.set("large", create(ValueSchema, { kind }));
  });
  afterEach(() => running.serving.close());

  const unreadBytes = async (): Promise<number> => {
    const { text } = await requestRaw(running.target.http, { method: "GET", path: "/metrics" });
    return Number(/^tiffin_unread_answer_bytes (\d+)/m.exec(text)?.[1]);
  };

  test("are bounded over gRPC: the oldest are dropped, and others have theirs", async () => {
    const session = connect(`http://${running.target.grpc}`, {
      settings: { initialWindowSize: 0 },
    });
    await once(session, "remoteSettings");
    const streams: ClientHttp2Stream[] = [];
    const dropped: number[] = [];
    for (let n = 0; n < 20; n++) {
      const headers = { ":method": "POST", ":path": path, "content-type": "application/grpc" };
      const stream = session.request({ ...headers, te: "trailers" });
      stream.on("error", () => undefined);
      stream.on("close", () => dropped.push(n));
      stream.end(getLarge);
      streams.push(stream);
    }
    await until(() => dropped.length >= 17);
    expect(streams[0]?.rstCode).toBe(constants.NGHTTP2_ENHANCE_YOUR_CALM);
    expect(dropped).not.toContain(19);
    expect(await unreadBytes()).toBeLessThanOrEqual(4 * mebibyte);
    const answer = await callRaw(running.target.grpc, { path, body: getLarge });
    expect([answer.code, answer.body.length > mebibyte]).toEqual([0, true]);
    session.destroy();
    await until(async () => (await unreadBytes()) === 0);
  });

  test("are bounded over HTTP: the oldest are dropped, and others have theirs", async () => {
    // Larger than what the sockets' own buffers take.
    const kind = { case: "text", value: "x".repeat(3.9 * mebibyte) } as const;
    running.room.values.set("larger", create(ValueSchema, { kind }));
    const body = '{"key":"larger"}';
    const request = `POST ${path} HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n${body}`;
    const sockets = await Promise.all(
      Array.from({ length: 40 }, async () => {
        const socket = await openSocket(running.target.http);
        socket.on("error", () => undefined);
        socket.pause();
        socket.write(request);
        return socket;
      }),
    );
    await until(() => running.room.calls >= 40);
    await until(() => running.logged.some(({ code }) => code === "CANCELLED"));
    expect(await unreadBytes()).toBeLessThanOrEqual(4 * mebibyte);
    expect((await callJson(running.target.http, "Get", { key: "large" })).status).toBe(200);
    for (const socket of sockets) socket.destroy();
    await until(async () => (await unreadBytes()) === 0);
  });
});
