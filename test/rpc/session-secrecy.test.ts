/** An id is told to whoever made it, and to nobody else: in no error, not even over a request that cannot be read, no log and no metric. */
import { create, toBinary } from "@bufbuild/protobuf";
import { describe, expect, test } from "vitest";
import {
  CreateRequestSchema,
  RotateRequestSchema,
  SessionService,
  UpdateRequestSchema,
} from "#gen/tiffin/session/v1/session_service_pb.ts";
import { digestOf } from "../../src/session/session-id.ts";
import type { Key } from "../../src/store/key.ts";
import { failuresOf } from "../contracts/rpc-session-parts.ts";
import { openClient } from "../support/clients.ts";
import { callRaw, frame } from "../support/raw-grpc.ts";
import { requestRaw } from "../support/raw-http.ts";
import { type RunningApp, startApp } from "../support/start-app.ts";
import { lengthDelimited } from "../support/wire.ts";

const path = (method: string): string => `/${SessionService.typeName}/${method}`;
const trace = { TIFFIN_LOG_LEVEL: "trace" };

/** A live id, one in its grace and one that never was. */
async function idsOf({ target }: RunningApp): Promise<string[]> {
  const { client, close } = openClient(SessionService, "grpc", target);
  const old = (await client.create({ subject: "ada" })).sessionId;
  const current = (await client.rotate({ sessionId: old })).sessionId;
  close();
  return [old, current, Buffer.alloc(32, 0x5a).toString("base64url")];
}

/** Neither an id nor half of one: what is cut to 64 bytes, or in the middle, is told as well. */
function expectSecret(id: string, where: unknown): void {
  const text = JSON.stringify(where);
  for (const part of [id, id.slice(0, 16), id.slice(-16)]) expect(text).not.toContain(part);
  const bytes = Buffer.from(id, "base64url");
  for (const form of [bytes.toString("hex"), bytes.toString("base64")]) {
    expect(text).not.toContain(form);
  }
}

describe("a request that cannot be read does not bring back the id it holds", () => {
  const json: readonly [string, method: string, body: (id: string) => string | Buffer][] = [
    ["an object for the id", "Get", (id) => `{"sessionId":{"${id}":"${id}"}}`],
    ["a list for the id", "Get", (id) => `{"sessionId":["${id}"]}`],
    ["a list of half an id", "Rotate", (id) => `{"session_id":["${id}`],
    ["nothing after it", "Get", (id) => `{"sessionId":"${id}"`],
    ["something after it", "Get", (id) => `{"sessionId":"${id}"} {`],
    ["a comma too many", "Touch", (id) => `{"sessionId":"${id}",}`],
    [
      "a text like the codec's own",
      "Touch",
      (id) => `"cannot decode field ${id.replaceAll("-", "_")}"`,
    ],
    ["no quotes", "Touch", (id) => `{"sessionId":${id}}`],
    ["single quotes", "Touch", (id) => `{'sessionId':'${id}'}`],
    ["the bare id", "Touch", (id) => id],
    ["the quoted id", "Touch", (id) => `"${id}"`],
    ["an unknown field named like it", "Get", (id) => `{"${id}":"a"}`],
    ["an unknown field that holds it", "Get", (id) => `{"session":"${id}"}`],
    ["an unknown field around it", "Get", (id) => `{"sessionId=${id}":1}`],
    ["the id twice", "Get", (id) => `{"sessionId":"${id}","sessionId":"${id}"}`],
    ["a name that is the id, twice", "Get", (id) => `{"${id}":1,"${id}":2}`],
    ["both spellings of the field", "Get", (id) => `{"sessionId":"${id}","session_id":"${id}"}`],
    ["the id as a flag", "Get", (id) => `{"sessionId":"${id}","peek":"${id}"}`],
    ["the id as a version", "Update", (id) => `{"replace":{},"expectedVersion":"${id}"}`],
    // Not by itself: the codec takes what begins like one, such as 7sX, for one.
    ["the id as a duration", "Rotate", (id) => `{"sessionId":"${id}","grace":"of ${id}"}`],
    ["the id as data", "Create", (id) => `{"data":"${id}"}`],
    ["the id as an answer to the limit", "Create", (id) => `{"policy":{"atLimit":"${id}"}}`],
    ["the id as a policy", "Create", (id) => `{"policy":"${id}"}`],
    ["two changes at once", "Update", (id) => `{"sessionId":"${id}","replace":{},"mergePatch":{}}`],
    ["half of a surrogate pair behind it", "Get", (id) => `{"sessionId":"${id}\\ud800"}`],
    [
      "what is no UTF-8 behind it",
      "Get",
      (id) => Buffer.from(`{"sessionId":"${id}\xe9"}`, "latin1"),
    ],
    ["a duplicate member of its name", "Create", (id) => `{"data":{"${id}":1,"${id}":2}}`],
  ];
  test.each(json)("over JSON: %s", async (...[, method, body]) => {
    await using running = await startApp(trace);
    for (const id of await idsOf(running)) {
      const headers = { "content-type": "application/json" };
      const request = { path: path(method), headers, body: body(id) };
      const answer = await requestRaw(running.target.http, request);
      expect([answer.status, answer.reason]).toEqual([400, "MALFORMED_MESSAGE"]);
      expectSecret(id, [answer.text, answer.headers, running.logged]);
    }
  });

  const field = (number: number, id: string): Buffer => lengthDelimited(number, Buffer.from(id));
  const binary: readonly [string, method: string, body: (id: string) => Uint8Array][] = [
    ["an id longer than it says", "Get", (id) => field(1, id).subarray(0, -1)],
    ["an id that is a number", "Get", (id) => Buffer.concat([Buffer.of(0x08), Buffer.from(id)])],
    [
      "an id that is no UTF-8",
      "Get",
      (id) => lengthDelimited(1, Buffer.from(`${id}\xff`, "latin1")),
    ],
    ["the bare id", "Touch", (id) => Buffer.from(id)],
    ["the id as a message", "Rotate", (id) => Buffer.concat([field(1, id), field(4, id)])],
    ["the id as a duration", "Rotate", (id) => Buffer.concat([field(1, id), field(3, id)])],
    ["a group that never ends", "Delete", (id) => Buffer.concat([field(1, id), Buffer.of(0x13)])],
  ];
  test.each(binary)("over protobuf: %s", async (...[, method, body]) => {
    await using running = await startApp(trace);
    for (const id of await idsOf(running)) {
      const bytes = body(id);
      const grpc = await callRaw(running.target.grpc, { path: path(method), body: frame(bytes) });
      const headers = { "content-type": "application/proto" };
      const http = { path: path(method), headers, body: bytes };
      const answer = await requestRaw(running.target.http, http);
      expect([grpc.reason, answer.reason]).toEqual(["MALFORMED_MESSAGE", "MALFORMED_MESSAGE"]);
      const details = Buffer.from(String(grpc.headers["grpc-status-details-bin"]), "base64");
      expectSecret(id, [grpc.headers, details.toString("latin1"), answer, running.logged]);
    }
  });
});

test("a name of a field that is no secret is still told to whoever misspelt it", async () => {
  await using running = await startApp();
  const headers = { "content-type": "application/json" };
  for (const [method, name] of [
    ["Get", "sessionID"],
    ["Create", "subject_sessions_maximum"],
  ] as const) {
    const body = `{"${name}":"a"}`;
    const { text } = await requestRaw(running.target.http, { path: path(method), headers, body });
    expect(JSON.parse(text).message).toContain(`has no field "${name}"`);
  }
});

test("a request that is refused does not bring back the id it holds", async () => {
  await using running = await startApp(trace);
  const replace = { change: { case: "replace" as const, value: { a: "x".repeat(70_000) } } };
  for (const sessionId of await idsOf(running)) {
    const requests = [
      ["Update", toBinary(UpdateRequestSchema, create(UpdateRequestSchema, { sessionId }))],
      [
        "Update",
        toBinary(UpdateRequestSchema, create(UpdateRequestSchema, { sessionId, ...replace })),
      ],
      [
        "Update",
        toBinary(
          UpdateRequestSchema,
          create(UpdateRequestSchema, { ...replace, sessionId, expectedVersion: -1n }),
        ),
      ],
      [
        "Rotate",
        toBinary(
          RotateRequestSchema,
          create(RotateRequestSchema, { sessionId, grace: { seconds: 61n } }),
        ),
      ],
      [
        "Rotate",
        toBinary(
          RotateRequestSchema,
          create(RotateRequestSchema, { sessionId, grace: { seconds: 1n }, subject: "ada" }),
        ),
      ],
      [
        "Rotate",
        toBinary(
          RotateRequestSchema,
          create(RotateRequestSchema, { sessionId, subject: "s".repeat(513) }),
        ),
      ],
      [
        "Create",
        toBinary(
          CreateRequestSchema,
          create(CreateRequestSchema, { client: { ipAddress: "none" } }),
        ),
      ],
    ] as const;
    for (const [method, body] of requests) {
      const answer = await callRaw(running.target.grpc, { path: path(method), body: frame(body) });
      expect(answer.code, method).toBe(3);
      const details = Buffer.from(String(answer.headers["grpc-status-details-bin"]), "base64");
      expectSecret(sessionId, [answer.headers, details.toString("latin1"), running.logged]);
    }
  }
});

test("no id is taken from a URL, and one that stands there nevertheless is neither answered nor logged", async () => {
  await using running = await startApp(trace);
  for (const id of await idsOf(running)) {
    for (const method of [
      "Get",
      "Touch",
      "Rotate",
      "Delete",
      "Update",
      "Create",
      "ListBySubject",
    ]) {
      const message = encodeURIComponent(JSON.stringify({ sessionId: id, peek: true }));
      const query = `connect=v1&encoding=json&message=${message}`;
      const asked = { method: "GET", path: `${path(method)}?${query}` };
      const answer = await requestRaw(running.target.http, asked);
      expect(answer.status, method).toBe(405);
      expectSecret(id, [answer.text, answer.headers, running.logged]);
    }
  }
});

test("what is logged and measured of a session's whole life holds no id", async () => {
  await using running = await startApp(trace);
  const { target } = running;
  const known: string[] = [];
  for (const transport of ["grpc", "connect-json", "connect-binary", "grpc-web"] as const) {
    const { client, close } = openClient(SessionService, transport, target);
    known.push(...(await live(client)));
    close();
  }
  const { text: metrics } = await requestRaw(target.http, { method: "GET", path: "/metrics" });
  expect(metrics).toContain("tiffin.session.v1.SessionService/Rotate");
  expect(running.logged.length).toBeGreaterThan(40);
  for (const id of known) expectSecret(id, [metrics, running.logged]);
});

test("no answer and no event holds an id but those that give one, nor what is kept of one", async () => {
  await using running = await startApp();
  const { client, close } = openClient(SessionService, "grpc", running.target);
  const told: unknown[] = [];
  const cancel = new AbortController();
  const messages = client.watch({}, { signal: cancel.signal })[Symbol.asyncIterator]();
  await messages.next();
  const { sessionId: first, session } = await client.create({ subject: "ada" });
  const { sessionId: second, session: rotated } = await client.rotate({ sessionId: first });
  const change = { case: "replace", value: { a: 1 } } as const;
  told.push(session, rotated, await client.get({ sessionId: first }));
  told.push(await client.get({ sessionId: second, peek: true }));
  told.push(await client.touch({ sessionId: first }));
  told.push(await client.update({ sessionId: second, change }));
  const { sessionId: third, session: loggedIn } = await client.rotate({
    ...{ sessionId: second, subject: "bob" },
  });
  told.push(loggedIn, await client.list({}), await client.listBySubject({ subject: "bob" }));
  told.push(await client.delete({ sessionId: third }));
  for (let events = 0; events < 5; ) {
    const { value } = await messages.next();
    told.push(value);
    events += value?.events.length ?? 0;
  }
  cancel.abort();
  close();
  const text = JSON.stringify(told, (_, value) => (typeof value === "bigint" ? `${value}` : value));
  expect(text).toContain(session?.handle);
  for (const id of [first, second, third]) {
    expectSecret(id, text);
    expectSecret(digestOf(id), text);
  }
});

test("nothing that is stored holds an id, in no form", async () => {
  await using running = await startApp();
  const { client, close } = openClient(SessionService, "grpc", running.target);
  const known = [...(await idsOf(running)), ...(await live(client))];
  close();
  const whole = { start: "" as Key, end: "\xff" as Key };
  const { entries, next } = await running.app.store.page(whole, { limit: 1000 });
  expect(next).toBeUndefined();
  expect(entries.length).toBeGreaterThan(3);
  for (const id of known) {
    expectSecret(id, entries);
    const bytes = Buffer.from(id, "base64url").toString("latin1");
    for (const { key, value } of entries) expect(`${key}${value}`).not.toContain(bytes);
  }
});

/** Everything that can be done with a session, and how it can fail. Answers every id there was. */
async function live(client: ReturnType<typeof openClient<typeof SessionService>>["client"]) {
  const { sessionId: first } = await client.create({ subject: "ada", data: { a: 1 } });
  const replace = { case: "replace", value: { b: 2 } } as const;
  await client.get({ sessionId: first });
  await client.touch({ sessionId: first });
  await client.update({ sessionId: first, change: replace });
  const { sessionId: second } = await client.rotate({ sessionId: first });
  const { sessionId: third } = await client.rotate({ sessionId: second, subject: "bob" });
  await client.listBySubject({ subject: "bob" });
  await client.list({});
  const failures = [
    client.rotate({ sessionId: first }),
    client.get({ sessionId: second }),
    client.update({ sessionId: third, change: replace, expectedVersion: 1n }),
    client.rotate({ sessionId: third, subject: "ada", grace: { seconds: 1n } }),
  ];
  await failuresOf(failures);
  await client.delete({ sessionId: third });
  await client.delete({ sessionId: third });
  await expect(client.get({ sessionId: third })).rejects.toThrow();
  return [first, second, third];
}
