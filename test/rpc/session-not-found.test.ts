/** What opens no session is answered the same, byte by byte, whatever the reason: every difference would tell a guesser something. */
import { createHash } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { create, type DescMethodUnary, toBinary, toJsonString } from "@bufbuild/protobuf";
import type { Client } from "@connectrpc/connect";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { SessionService } from "#gen/tiffin/session/v1/session_service_pb.ts";
import { TenantService } from "#gen/tiffin/tenant/v1/tenant_service_pb.ts";
import { durationOf } from "../contracts/rpc-messages.ts";
import { openClient } from "../support/clients.ts";
import { ManualClock } from "../support/manual-clock.ts";
import { callRaw, frame } from "../support/raw-grpc.ts";
import { requestRaw } from "../support/raw-http.ts";
import { type RunningApp, startApp } from "../support/start-app.ts";

type Sessions = Client<typeof SessionService>;
type Method = DescMethodUnary;

const { get, update, touch, rotate, delete: end } = SessionService.method;
const replace = { case: "replace", value: { a: 1 } } as const;
const mergePatch = { case: "mergePatch", value: { a: null } } as const;

/** Every way of asking for a session. */
const questions: readonly [string, Method, Question["request"]][] = [
  ["Get", get, {}],
  ["Get, peeking", get, { peek: true }],
  ["Touch", touch, {}],
  ["Update", update, { change: replace }],
  ["Update with a patch", update, { change: mergePatch }],
  ["Update of version 1", update, { change: replace, expectedVersion: 1n }],
  ["Update of a version to come", update, { change: replace, expectedVersion: 2n ** 62n }],
  ["Rotate", rotate, {}],
  ["Rotate without a grace", rotate, { grace: durationOf(0) }],
  ["Rotate at a login", rotate, { subject: "ada" }],
  ["Rotate with a patch", rotate, { mergePatch: { a: 1 } }],
];

interface Server {
  readonly running: RunningApp;
  readonly clock: ManualClock;
  /** Ids that open nothing in the default tenant, and why. */
  readonly dead: readonly [string, string][];
  /** An id that is in its grace, and the one after it. */
  readonly graced: readonly [string, string];
  close(): Promise<void>;
}

describe.each(["memory", "SQLite"])("on %s", (engine) => {
  let server: Server;
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "tiffin-"));
    server = await openServer(
      engine === "memory" ? "memory:" : `sqlite:${join(folder, "store.db")}`,
    );
  });
  afterAll(async () => {
    await server.close();
    await rm(folder, { recursive: true });
  });

  test.each(questions)(
    "%s answers every id that opens nothing the same over gRPC",
    async (...[, method, request]) => {
      const answers = new Map<string, string[]>();
      for (const [why, sessionId] of server.dead) {
        const answer = await overGrpc(server, { method, request: { ...request, sessionId } });
        answers.set(answer, [...(answers.get(answer) ?? []), why]);
      }
      expect([...answers.values()]).toHaveLength(1);
      const [answer = ""] = answers.keys();
      expect(answer).toContain('"grpc-status":"5"');
      expect(answer).toContain('"grpc-message":"there%20is%20no%20such%20session"');
    },
  );

  test.each(questions)(
    "%s answers every id that opens nothing the same over HTTP",
    async (...[, method, request]) => {
      for (const form of ["json", "proto"] as const) {
        const answers = new Map<string, string[]>();
        for (const [why, sessionId] of server.dead) {
          const answer = await overHttp(server, {
            method,
            form,
            request: { ...request, sessionId },
          });
          answers.set(answer, [...(answers.get(answer) ?? []), why]);
        }
        expect([...answers.values()]).toHaveLength(1);
        const [answer = ""] = answers.keys();
        expect(answer).toContain("404");
        expect(answer).toContain("SESSION_NOT_FOUND");
      }
    },
  );

  test("every method and every way of asking is answered the same, too", async () => {
    const sessionId = server.dead[0]?.[1] ?? "";
    const answers = new Set<string>();
    const overHttps = new Set<string>();
    for (const [, method, request] of questions) {
      answers.add(await overGrpc(server, { method, request: { ...request, sessionId } }));
      overHttps.add(
        await overHttp(server, { method, form: "json", request: { ...request, sessionId } }),
      );
    }
    expect([answers.size, overHttps.size]).toEqual([1, 1]);
  });

  test("Delete answers the same to a session and to none, over gRPC and over HTTP", async () => {
    for (const form of ["grpc", "json", "proto"] as const) {
      const ask = (sessionId: string): Promise<string> =>
        form === "grpc"
          ? overGrpc(server, { method: end, request: { sessionId } })
          : overHttp(server, { method: end, form, request: { sessionId } });
      const { sessions, close } = clientsOf(server.running);
      const ids = [(await sessions.create({ subject: "ada" })).sessionId];
      const old = (await sessions.create({})).sessionId;
      ids.push(old, (await sessions.rotate({ sessionId: old })).sessionId);
      close();
      const answers = new Set<string>();
      for (const sessionId of [...ids, ...server.dead.map(([, id]) => id)]) {
        answers.add(await ask(sessionId));
      }
      expect(answers.size).toBe(1);
      expect([...answers][0]).toMatch(form === "grpc" ? /"grpc-status":"0"/ : /^\[200/);
    }
  });

  test("that an id was rotated away is told to nobody but who holds it, and by Rotate alone", async () => {
    const [old, current] = server.graced;
    for (const [, method, request] of questions.filter((row) => row[1] === rotate)) {
      const refused = await overGrpc(server, { method, request: { ...request, sessionId: old } });
      expect(refused).toContain('"grpc-status":"9"');
    }
    const rotating = (sessionId: string, headers = {}) =>
      overGrpc(server, { method: rotate, request: { sessionId }, headers });
    const elsewhere = await rotating(old, { "tiffin-tenant": "acme" });
    expect(elsewhere).toContain('"grpc-status":"5"');
    for (const altered of [
      old.toLowerCase(),
      `${old} `,
      `${old}=`,
      old.slice(0, -1),
      current.slice(1),
    ]) {
      const answer = await rotating(altered);
      expect(answer).toContain('"grpc-status":"5"');
    }
    server.clock.advance(10_000);
    expect(await rotating(old)).toContain('"grpc-status":"5"');
  });
});

interface Question {
  readonly method: Method;
  readonly request: Record<string, unknown>;
  readonly headers?: Record<string, string>;
}

/** All of a gRPC answer that could differ, as text. */
async function overGrpc(
  { running }: Server,
  { method, request, headers = {} }: Question,
): Promise<string> {
  const body = frame(toBinary(method.input, create(method.input, request)));
  const path = `/${SessionService.typeName}/${method.name}`;
  const answer = await callRaw(running.target.grpc, { path, body, headers });
  const { date: _, ...rest } = answer.headers;
  return JSON.stringify([rest, answer.body.toString("hex")]);
}

/** All of an HTTP answer that could differ, as text. */
async function overHttp(
  { running }: Server,
  { method, form, request }: Question & { readonly form: "json" | "proto" },
): Promise<string> {
  const message = create(method.input, request);
  const { status, headers, text } = await requestRaw(running.target.http, {
    path: `/${SessionService.typeName}/${method.name}`,
    headers: { "content-type": `application/${form}` },
    body: form === "json" ? toJsonString(method.input, message) : toBinary(method.input, message),
  });
  const { date: _, "x-request-id": __, ...rest } = headers;
  return JSON.stringify([status, rest, text]);
}

function clientsOf({ target }: RunningApp) {
  const sessions = openClient(SessionService, "grpc", target);
  const tenants = openClient(TenantService, "grpc", target);
  const close = (): void => {
    sessions.close();
    tenants.close();
  };
  return { sessions: sessions.client, tenants: tenants.client, close };
}

async function openServer(url: string): Promise<Server> {
  const clock = new ManualClock();
  const running = await startApp({ TIFFIN_STORE_URL: url }, { clock, random: () => 0.5 });
  const { sessions, tenants, close } = clientsOf(running);
  await tenants.create({ tenant: { name: "acme" } });
  const expired = await sessions.create({ policy: { idleTimeout: durationOf(1000) } });
  const rotated = (await sessions.create({})).sessionId;
  await sessions.rotate({ sessionId: rotated, grace: durationOf(0) });
  const outlived = (await sessions.create({})).sessionId;
  await sessions.rotate({ sessionId: outlived, grace: durationOf(1000) });
  clock.advance(1100);
  const unswept = await sessions.create({ policy: { idleTimeout: durationOf(10) } });
  clock.advance(11);
  const dead: [string, string][] = [
    ...malformedIds,
    ["expired and swept", expired.sessionId],
    ["expired just now", unswept.sessionId],
    ["rotated away without a grace", rotated],
    ["rotated away, its grace over", outlived],
    ...(await endedIds(sessions)),
    ...(await wrongIds(sessions)),
  ];
  const old = (await sessions.create({})).sessionId;
  const current = (await sessions.rotate({ sessionId: old })).sessionId;
  return {
    ...{ running, clock, dead, graced: [old, current] },
    async close() {
      close();
      await running[Symbol.asyncDispose]();
    },
  };
}

const malformedIds: readonly [string, string][] = [
  ["unknown", Buffer.alloc(32, 7).toString("base64url")],
  ["empty", ""],
  ["of one byte", "a"],
  ["a character short", "A".repeat(42)],
  ["a character long", "A".repeat(44)],
  ["of a mebibyte", "A".repeat(2 ** 20)],
  ["beyond ASCII", "é\u{1f36a}".repeat(20)],
  ["with NUL", "\0".repeat(43)],
  ["a path", "../../etc/passwd"],
  ["a query", "' OR 1=1 --"],
];

/** Of sessions that were ended by somebody. */
async function endedIds(sessions: Sessions): Promise<[string, string][]> {
  const { sessionId } = await sessions.create({ subject: "ada" });
  await sessions.delete({ sessionId });
  const policy = { subjectSessionsMax: 1 };
  const limited = await sessions.create({ subject: "bob", policy });
  await sessions.create({ subject: "bob", policy });
  const revoked = await sessions.create({ subject: "eve" });
  await sessions.deleteBySubject({ subject: "eve", which: { case: "all", value: true } });
  const before = (await sessions.create({})).sessionId;
  await sessions.rotate({ sessionId: before, subject: "ada" });
  return [
    ["logged out", sessionId],
    ["ended at the limit", limited.sessionId],
    ["revoked", revoked.sessionId],
    ["from before a login", before],
  ];
}

/** What stands near a live session, and is not its id. */
async function wrongIds(sessions: Sessions): Promise<[string, string][]> {
  const { sessionId: live, session } = await sessions.create({ subject: "ada" });
  const elsewhere = await sessions.create({}, { headers: { "tiffin-tenant": "acme" } });
  const bytes = Buffer.from(live, "base64url");
  const digest = createHash("sha256").update(live).digest();
  const spellings = [...alphabet]
    .map((last) => live.slice(0, -1) + last)
    .filter((other) => other !== live && Buffer.from(other, "base64url").equals(bytes));
  expect(spellings).toHaveLength(3);
  return [
    ["another tenant's", elsewhere.sessionId],
    ["its handle", session?.handle ?? ""],
    ["its subject", "ada"],
    ["its digest", digest.toString("base64url")],
    ["its digest in hex", digest.toString("hex")],
    ["its bytes in hex", bytes.toString("hex")],
    ["its bytes in padded base64", bytes.toString("base64")],
    ["padded", `${live}=`],
    ["with a space before", ` ${live}`],
    ["with a line after", `${live}\n`],
    ["with a NUL after", `${live}\0`],
    ["in capitals", live.toUpperCase()],
    ["cut", live.slice(0, -1)],
    ["doubled", live + live],
    ...spellings.map((other, at): [string, string] => [
      `another spelling of its bytes, ${at}`,
      other,
    ]),
  ];
}

const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
