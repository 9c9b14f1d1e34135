import { connect } from "node:net";
import { create, createFileRegistry } from "@bufbuild/protobuf";
import { FileDescriptorProtoSchema } from "@bufbuild/protobuf/wkt";
import { Code } from "@connectrpc/connect";
import { describe, expect, test, vi } from "vitest";
import { ValueSchema } from "#gen/tiffin/kv/v1/entry_pb.ts";
import { KeyValueService } from "#gen/tiffin/kv/v1/key_value_service_pb.ts";
import { TiffinError } from "../../src/errors.ts";
import { isRedacted } from "../../src/rpc/field-violation.ts";
import { caught } from "../support/caught.ts";
import { openClient, transportNames } from "../support/clients.ts";
import { frame } from "../support/raw-grpc.ts";
import { type RunningServing, startServing } from "../support/start-serving.ts";
import { until } from "../support/until.ts";

const large = create(ValueSchema, { kind: { case: "bytes", value: new Uint8Array(64 * 1024) } });

/** Answers once a stream has stood still for a while: whatever fits into sockets and windows was given by then. */
async function standsStill(running: RunningServing): Promise<void> {
  let before = -1;
  const still = (): boolean => {
    const same = running.room.scanned > 0 && before === running.room.scanned;
    before = running.room.scanned;
    return same;
  };
  await vi.waitUntil(still, { interval: 200, timeout: 15_000 });
}

async function expectClosed(running: RunningServing): Promise<void> {
  await until(() => running.room.scansClosed === 1);
  await until(() => running.logged.length > 0);
  expect(running.logged).toMatchObject([{ code: "CANCELLED" }]);
}

describe("a reader that does not read", () => {
  test("is given no more than fits on the way, over gRPC", async () => {
    await using running = await startServing();
    running.room.endless = large;
    const { client, close } = openClient(KeyValueService, "grpc", running.target);
    const leaving = new AbortController();
    const stream = client.scan({}, { signal: leaving.signal })[Symbol.asyncIterator]();
    await stream.next();
    await standsStill(running);
    expect(running.room.scanned).toBeLessThan(1000);
    leaving.abort();
    await stream.next().catch(() => undefined);
    await expectClosed(running);
    close();
  });

  test.each([
    "application/connect+json",
    "application/connect+proto",
    "application/grpc-web+proto",
  ])("is given no more than fits on the way, over HTTP with %s", async (type) => {
    await using running = await startServing();
    running.room.endless = large;
    const [host, port] = running.target.http.split(":");
    const socket = connect(Number(port), host);
    const message = type.endsWith("json") ? Buffer.from("{}") : Buffer.alloc(0);
    const body = frame(message);
    socket.write(
      `POST /${KeyValueService.typeName}/Scan HTTP/1.1\r\nhost: ${running.target.http}\r\ncontent-type: ${type}\r\ncontent-length: ${body.length}\r\n\r\n`,
    );
    socket.write(body);
    await standsStill(running);
    expect(running.room.scanned).toBeLessThan(1000);
    socket.destroy();
    await expectClosed(running);
  });
});

describe.each(transportNames)("a stream over %s", (name) => {
  test("whose reader leaves is closed", async () => {
    await using running = await startServing();
    running.room.endless = large;
    const { client, close } = openClient(KeyValueService, name, running.target);
    const leaving = new AbortController();
    const stream = client.scan({}, { signal: leaving.signal })[Symbol.asyncIterator]();
    await stream.next();
    leaving.abort();
    await stream.next().catch(() => undefined);
    await expectClosed(running);
    close();
  });

  test("that is asked for against the rules fails before it begins", async () => {
    await using running = await startServing();
    const { client, close } = openClient(KeyValueService, name, running.target);
    const watching = (async () => {
      for await (const _ of client.watch({ start: { case: "afterRevision", value: -1n } })) {
        expect.unreachable("the watch began");
      }
    })();
    const error = await caught(watching);
    expect([error.code, error.reason]).toEqual([Code.InvalidArgument, "INVALID_FIELD"]);
    expect(running.room.calls).toBe(0);
    close();
  });

  test("that fails in the middle gives what came before, then the error", async () => {
    await using running = await startServing();
    const { client, close } = openClient(KeyValueService, name, running.target);
    running.room.values.set("a", large);
    const gone = new TiffinError("snapshot_lost", "too old");
    Object.defineProperty(running.room, "endless", {
      get: () => {
        throw gone;
      },
    });
    const keys: unknown[] = [];
    const scanning = (async () => {
      for await (const { entries } of client.scan({})) keys.push(entries[0]?.key);
    })();
    const error = await caught(scanning);
    expect(keys).toEqual(["a"]);
    expect([error.code, error.reason]).toEqual([Code.Aborted, "SNAPSHOT_LOST"]);
    close();
  });
});

test("a field declared a secret is known as one, wherever it stands in a path", () => {
  const file = create(FileDescriptorProtoSchema, {
    name: "secret.proto",
    syntax: "proto3",
    messageType: [
      {
        name: "Login",
        field: [
          { name: "user", number: 1, type: 9, label: 1 },
          { name: "password", number: 2, type: 9, label: 1, options: { debugRedact: true } },
        ],
      },
    ],
  });
  const login = createFileRegistry(file, () => undefined).getMessage("Login");
  const [user, password] = login?.fields ?? [];
  if (user === undefined || password === undefined) return expect.unreachable();
  expect(isRedacted([user])).toBe(false);
  expect(isRedacted([password])).toBe(true);
  expect(isRedacted([password, { kind: "list_sub", index: 0 }])).toBe(true);
  return undefined;
});
