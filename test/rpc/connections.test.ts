import { once } from "node:events";
import { create, toBinary } from "@bufbuild/protobuf";
import { describe, expect, test, vi } from "vitest";
import { ValueSchema } from "#gen/tiffin/kv/v1/entry_pb.ts";
import { GetRequestSchema, KeyValueService } from "#gen/tiffin/kv/v1/key_value_service_pb.ts";
import { openSocket } from "../support/open-socket.ts";
import { callRaw, frame } from "../support/raw-grpc.ts";
import { callJson } from "../support/raw-http.ts";
import { type RunningServing, startServing } from "../support/start-serving.ts";
import { until } from "../support/until.ts";

const path = `/${KeyValueService.typeName}/Get`;
const good = toBinary(GetRequestSchema, create(GetRequestSchema, { key: "a" }));
const preface = Buffer.from("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");
const settings = Buffer.from([0, 0, 0, 4, 0, 0, 0, 0, 0]);
/** How a PING frame begins. */
const ping = Buffer.from([0, 0, 8, 6, 0, 0, 0, 0, 0]);

async function expectAlive(running: RunningServing): Promise<void> {
  expect((await callRaw(running.target.grpc, { path, body: frame(good) })).code).toBe(0);
  expect((await callJson(running.target.http, "Get", { key: "a" })).status).toBe(200);
}

describe("pipelined requests", () => {
  const get = (key: string): string => {
    const body = JSON.stringify({ key });
    return `POST ${path} HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n${body}`;
  };

  test("are begun one after the other, and answered in order", async () => {
    await using running = await startServing();
    const { promise: released, resolve: release } = Promise.withResolvers<object>();
    const { promise: begun, resolve: begin } = Promise.withResolvers<void>();
    running.room.behave("slow", () => {
      begin();
      return released;
    });
    const socket = await openSocket(running.target.http);
    const last = get("last").replace("host:", "connection: close\r\nhost:");
    socket.write(get("slow") + get("a").repeat(50) + last);
    await begun;
    // Another connection's call goes the whole way meanwhile.
    await callJson(running.target.http, "Get", { key: "b" });
    expect(running.room.calls).toBe(2);
    const closed = once(socket, "close");
    const chunks: Buffer[] = [];
    socket.on("data", (chunk: Buffer) => chunks.push(chunk));
    release({ revision: 7n });
    await closed;
    const answers = Buffer.concat(chunks).toString();
    expect(answers.match(/HTTP\/1\.1 200/g)).toHaveLength(52);
    expect(answers.match(/"revision":"(\d)"/g)?.[0]).toBe('"revision":"7"');
    expect(running.room.calls).toBe(53);
  });

  test("of a client that does not read its answers are not begun", async () => {
    await using running = await startServing();
    const value = create(ValueSchema, { kind: { case: "text", value: "x".repeat(2 ** 20) } });
    running.room.values.set("large", value);
    const socket = await openSocket(running.target.http);
    socket.pause();
    socket.write(get("large").repeat(400));
    await until(() => running.room.calls > 0);
    await expectAlive(running);
    // What is answered lies in the sockets' buffers; the rest waits.
    expect(running.room.calls).toBeLessThan(50);
    socket.destroy();
    await expectAlive(running);
    await running.serving.drain();
  });
});

test("connections beyond the limit are dropped, and taken again once others close", async () => {
  await using running = await startServing({ TIFFIN_CONNECTIONS_MAX: "2" });
  const held = [await openSocket(running.target.grpc), await openSocket(running.target.grpc)];
  const third = await openSocket(running.target.grpc);
  await once(third, "close");
  for (const socket of held) socket.destroy();
  await Promise.all(held.map((socket) => socket.destroyed || once(socket, "close")));
  await expect
    .poll(() =>
      callRaw(running.target.grpc, { path, body: frame(good) }).catch(() => ({ code: -1 })),
    )
    .toMatchObject({ code: 0 });
});

test("a half-open gRPC connection is asked after 30 s, and dropped 10 s later", async () => {
  await using running = await startServing();
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
  try {
    const socket = await openSocket(running.target.grpc);
    const frames: Buffer[] = [];
    socket.on("data", (chunk: Buffer) => frames.push(chunk));
    const isAsked = (): boolean => Buffer.concat(frames).includes(ping);
    // As a peer that is gone: it says hello, and then answers nothing.
    socket.write(Buffer.concat([preface, settings]));
    await once(socket, "data");
    vi.advanceTimersByTime(29_999);
    expect(isAsked()).toBe(false);
    vi.advanceTimersByTime(1);
    while (!isAsked()) await once(socket, "data");
    const closed = once(socket, "close");
    vi.advanceTimersByTime(10_000);
    await closed;
  } finally {
    vi.useRealTimers();
  }
  await expectAlive(running);
});
