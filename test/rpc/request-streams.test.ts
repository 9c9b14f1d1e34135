import { once } from "node:events";
import { expect, test } from "vitest";
import { AdminService } from "#gen/tiffin/admin/v1/admin_service_pb.ts";
import type { ExportPart } from "#gen/tiffin/admin/v1/export_pb.ts";
import { KeyValueService } from "#gen/tiffin/kv/v1/key_value_service_pb.ts";
import { openClient } from "../support/clients.ts";
import { ManualClock } from "../support/manual-clock.ts";
import { openSocket } from "../support/open-socket.ts";
import { frame } from "../support/raw-grpc.ts";
import { type RunningApp, startApp } from "../support/start-app.ts";

/** An export of so many entries of a hundred thousand bytes. */
async function partsOf({ target }: RunningApp, entries: number): Promise<ExportPart[]> {
  const kv = openClient(KeyValueService, "grpc", target);
  const bytes = { kind: { case: "bytes", value: new Uint8Array(100_000) } } as const;
  for (let n = 0; n < entries; n++) await kv.client.set({ key: `k${n}`, value: bytes });
  const admin = openClient(AdminService, "grpc", target);
  const parts: ExportPart[] = [];
  for await (const { part } of admin.client.export({})) {
    if (part !== undefined) parts.push(part);
  }
  kv.close();
  admin.close();
  return parts;
}

/** Answers when the server has ended a request for being late, and so looked at all that are open. */
async function anotherIsLate({ target }: RunningApp): Promise<void> {
  const socket = await openSocket(target.http);
  socket.write(
    `POST /${KeyValueService.typeName}/Get HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-type: application/json\r\ncontent-length: 9\r\n\r\n{`,
  );
  const [answer] = await once(socket, "data");
  expect(String(answer)).toMatch(/^HTTP\/1.1 408/);
  socket.destroy();
}

const transports = ["grpc", "connect-json", "connect-binary", "grpc-web"] as const;

test.each(transports)(
  "a stream of requests may last longer than one request, over %s",
  async (name) => {
    const clock = new ManualClock();
    const env = { TIFFIN_REQUEST_TIMEOUT: "1200ms", TIFFIN_HEADER_TIMEOUT: "1200ms" };
    await using from = await startApp({}, { clock });
    await using to = await startApp(env, { clock });
    const parts = await partsOf(from, 1);
    const { client, close } = openClient(AdminService, name, to.target);
    const gate = Promise.withResolvers<void>();
    async function* slowly() {
      yield { part: parts[0] as ExportPart };
      await gate.promise;
      for (const part of parts.slice(1)) yield { part };
    }
    const importing = client.import(slowly());
    await anotherIsLate(to);
    // gRPC's calls are looked at by this clock.
    clock.advance(1000);
    gate.resolve();
    expect((await importing).chunks).toBe(1n);
    close();
  },
);

test.each(transports)(
  "a stream holds what is in handling of it, and no more, over %s",
  async (name) => {
    await using from = await startApp();
    // Less than all of it, and more than one message.
    await using to = await startApp({ TIFFIN_REQUEST_BYTES_MAX: "2MiB" });
    const parts = await partsOf(from, 60);
    const { client, close } = openClient(AdminService, name, to.target);
    async function* requests() {
      for (const part of parts) yield { part };
    }
    expect((await client.import(requests())).records).toBe(62n);
    close();
    const metrics = await (await fetch(`http://${to.target.http}/metrics`)).text();
    expect(metrics).toContain("tiffin_request_bytes 0");
  },
);

test.each(transports)(
  "a stream that is refused at its beginning says why, over %s",
  async (name) => {
    await using running = await startApp();
    const parts = await partsOf(running, 60);
    const { client, close } = openClient(AdminService, name, running.target);
    async function* requests() {
      for (const part of parts) yield { part };
    }
    const failing = client.import(requests());
    await expect(failing).rejects.toMatchObject({
      rawMessage: "there is a tenant default, and it holds records",
    });
    close();
  },
);

test.each([
  ["application/connect+json", "{", "MALFORMED_MESSAGE"],
  ["application/connect+json", '{"port":{}}', "MALFORMED_MESSAGE"],
  ["application/connect+json", '{"whenExists":1}', "INVALID_FIELD"],
  ["application/connect+proto", "\xff\xff", "MALFORMED_MESSAGE"],
])(
  "a message of a stream that is none is refused as one, with %s %j",
  async (type, text, reason) => {
    await using running = await startApp();
    const answer = await fetch(`http://${running.target.http}/${AdminService.typeName}/Import`, {
      method: "POST",
      headers: { "content-type": type },
      body: frame(Buffer.from(text, "latin1")),
    });
    const body = Buffer.from(await answer.arrayBuffer()).subarray(5);
    const { error } = JSON.parse(body.toString());
    expect(error.code).toBe("invalid_argument");
    expect(error.details[0]?.debug?.reason ?? error.details[0]?.value).toBeDefined();
    expect(running.logged.find(({ msg }) => msg === "call")).toMatchObject({ reason });
  },
);
