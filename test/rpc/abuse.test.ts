import { once } from "node:events";
import { connect as connectHttp2, constants } from "node:http2";
import { create, toBinary } from "@bufbuild/protobuf";
import fc from "fast-check";
import { expect, test } from "vitest";
import { GetRequestSchema, KeyValueService } from "#gen/tiffin/kv/v1/key_value_service_pb.ts";
import { ManualClock } from "../support/manual-clock.ts";
import { openSocket } from "../support/open-socket.ts";
import { propertyParameters } from "../support/property.ts";
import { callRaw, frame } from "../support/raw-grpc.ts";
import { callJson, requestRaw } from "../support/raw-http.ts";
import { type RunningServing, startServing } from "../support/start-serving.ts";

const path = `/${KeyValueService.typeName}/Get`;
const good = toBinary(GetRequestSchema, create(GetRequestSchema, { key: "a" }));
const preface = Buffer.from("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");
const settings = Buffer.from([0, 0, 0, 4, 0, 0, 0, 0, 0]);

/** Sends bytes, ends, and waits until the server has closed. Answers what came back. */
async function exchange(address: string, bytes: Uint8Array): Promise<Buffer> {
  const socket = await openSocket(address);
  const chunks: Buffer[] = [];
  socket.on("data", (chunk: Buffer) => chunks.push(chunk));
  socket.end(bytes);
  await once(socket, "close");
  return Buffer.concat(chunks);
}

async function expectAlive(running: RunningServing): Promise<void> {
  expect((await callRaw(running.target.grpc, { path, body: frame(good) })).code).toBe(0);
  expect((await callJson(running.target.http, "Get", { key: "a" })).status).toBe(200);
}

test("random bytes end in a closed connection on either listener, and it goes on", async () => {
  await using running = await startServing();
  const bytes = fc.uint8Array({ minLength: 1, maxLength: 4096 });
  await fc.assert(
    fc.asyncProperty(bytes, fc.boolean(), async (noise, polite) => {
      const sent = polite ? Buffer.concat([preface, settings, noise]) : noise;
      await exchange(running.target.grpc, sent);
      await exchange(running.target.http, noise);
    }),
    propertyParameters(60),
  );
  await expectAlive(running);
});

test("a random body is always a status, over gRPC and HTTP", async () => {
  await using running = await startServing();
  const methods = KeyValueService.methods.filter(({ methodKind }) => methodKind === "unary");
  const call = fc.record({
    body: fc.uint8Array({ maxLength: 256 }),
    method: fc.constantFrom(...methods),
    framed: fc.boolean(),
  });
  await fc.assert(
    fc.asyncProperty(call, async ({ body, method, framed }) => {
      const each = `/${KeyValueService.typeName}/${method.name}`;
      const sent = framed ? frame(body) : body;
      const answer = await callRaw(running.target.grpc, { path: each, body: sent, end: true });
      expect(Number.isInteger(answer.code)).toBe(true);
      for (const type of ["application/proto", "application/json"]) {
        const headers = { "content-type": type };
        const { status } = await requestRaw(running.target.http, { path: each, headers, body });
        expect(status).toBeGreaterThanOrEqual(200);
      }
    }),
    propertyParameters(60),
  );
  await expectAlive(running);
});

test.each([
  ["no HTTP", "hello\r\n\r\n", "400"],
  ["headers without end", `GET / HTTP/1.1\r\nx: ${"y".repeat(100_000)}`, "431"],
  [
    "two lengths",
    "POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\n",
    "400",
  ],
  [
    "length and chunks",
    "POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 1\r\ntransfer-encoding: chunked\r\n\r\n",
    "400",
  ],
  ["a header with a line break", "GET / HTTP/1.1\r\nhost: a\nb: c\r\n\rx", "400"],
  ["no Host", "GET /livez HTTP/1.1\r\n\r\n", "400"],
  [
    "a second Host",
    "GET /livez HTTP/1.1\r\nhost: localhost\r\nhost: attacker.example\r\n\r\n",
    "403",
  ],
])("over HTTP %s is refused", async (_, text, status) => {
  await using running = await startServing();
  const answer = (await exchange(running.target.http, Buffer.from(text))).toString();
  expect(answer.slice(0, 12)).toBe(`HTTP/1.1 ${status}`);
  await expectAlive(running);
});

test("headers over what HTTP/2 takes end the call, not the server", async () => {
  await using running = await startServing();
  const headers = { "x-large": "y".repeat(200_000) };
  await expect(
    Promise.race([callRaw(running.target.grpc, { path, headers }), refused(running.target.grpc)]),
  ).resolves.toBeDefined();
  await expectAlive(running);

  async function refused(address: string): Promise<string> {
    const session = connectHttp2(`http://${address}`);
    session.on("error", () => undefined);
    const stream = session.request({ ":method": "POST", ":path": path, ...headers });
    stream.on("error", () => undefined);
    await once(stream, "close");
    session.destroy();
    return "refused";
  }
});

test("rapid reset ends the connection before it ends the server", async () => {
  await using running = await startServing();
  const session = connectHttp2(`http://${running.target.grpc}`);
  session.on("error", () => undefined);
  // Not `once`: the error that the server closes with would reject it.
  const closed = new Promise<void>((resolve) => session.on("close", () => resolve()));
  let resets = 0;
  const reset = (): void => {
    for (let at = 0; at < 100 && !session.closed && !session.destroyed; at++) {
      const stream = session.request({ ":method": "POST", ":path": path });
      stream.on("error", () => undefined);
      stream.close(constants.NGHTTP2_CANCEL);
      resets += 1;
    }
    if (!session.closed && !session.destroyed && resets < 20_000) setImmediate(reset);
    else session.destroy();
  };
  await once(session, "connect");
  reset();
  await closed;
  expect(resets).toBeLessThan(20_000);
  await expectAlive(running);
  expect(running.room.calls).toBe(2);
});

test("a connection has at most its number of open calls", async () => {
  await using running = await startServing({ TIFFIN_STREAMS_MAX: "7" });
  const session = connectHttp2(`http://${running.target.grpc}`);
  const [received] = await once(session, "remoteSettings");
  expect(received.maxConcurrentStreams).toBe(7);
  session.destroy();
});

test("a request that does not arrive in time is ended, over gRPC", async () => {
  const clock = new ManualClock();
  await using running = await startServing({ TIFFIN_REQUEST_TIMEOUT: "1ms" }, { clock });
  const begun = frame(good).subarray(0, 6);
  const call = callRaw(running.target.grpc, { path, body: begun, end: false });
  const ticking = setInterval(() => clock.advance(1000), 5);
  expect(await call).toMatchObject({ code: 4, reason: "DEADLINE_EXCEEDED" });
  clearInterval(ticking);
});

test("a request that does not arrive in time is ended, over HTTP", async () => {
  await using running = await startServing({
    TIFFIN_REQUEST_TIMEOUT: "50ms",
    TIFFIN_HEADER_TIMEOUT: "50ms",
  });
  const slowHeaders = await openSocket(running.target.http);
  slowHeaders.write("POST / HTTP/1.1\r\nhost: 127.0.0.1\r\n");
  const slowBody = await openSocket(running.target.http);
  slowBody.write(
    `POST ${path} HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-type: application/json\r\ncontent-length: 100\r\n\r\n{`,
  );
  for (const socket of [slowHeaders, slowBody]) {
    const [answer] = await once(socket, "data");
    expect(String(answer)).toMatch(/^HTTP\/1.1 408/);
    socket.destroy();
  }
});

test("memory stays bounded under a flood of large malformed requests", async () => {
  await using running = await startServing();
  const large = new Uint8Array(4 * 1024 * 1024 - 16).fill(0xff);
  const flood = async (): Promise<void> => {
    for (let round = 0; round < 10; round++) {
      await Promise.all(
        Array.from({ length: 4 }, () => callRaw(running.target.grpc, { path, body: frame(large) })),
      );
    }
  };
  await flood();
  const before = process.memoryUsage.rss();
  await flood();
  await flood();
  expect(process.memoryUsage.rss() - before).toBeLessThan(200 * 1024 * 1024);
  await expectAlive(running);
});

test("what a caller names is cut and escaped in the log", async () => {
  await using running = await startServing();
  const evil = `a\n{"level":"fatal"}\u001b[31m${"x".repeat(1000)}`;
  await callJson(running.target.http, "Get", { key: "", namespace: evil });
  await requestRaw(running.target.http, {
    method: "GET",
    path: `/${encodeURIComponent(evil)}`,
    headers: { "user-agent": "u".repeat(5000), "x-request-id": "r".repeat(65) },
  });
  for (const event of running.logged) {
    expect(Buffer.byteLength(String(event["message"] ?? ""))).toBeLessThanOrEqual(64);
    expect(event["request_id"] ?? "made-up-id").toBe("made-up-id");
    expect(event["level"]).not.toBe("fatal");
  }
  expect(running.logged).toHaveLength(2);
});
