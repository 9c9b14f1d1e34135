/** Rows of the table of attacks that concern sessions and have no file of their own. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { SessionService } from "#gen/tiffin/session/v1/session_service_pb.ts";
import { created, opens, storedRecords } from "../contracts/rpc-session-parts.ts";
import { openClient } from "../support/clients.ts";
import { callRaw, frame } from "../support/raw-grpc.ts";
import { requestRaw } from "../support/raw-http.ts";
import { type RunningApp, startApp } from "../support/start-app.ts";
import { startProcess } from "../support/start-process.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";
import { lengthDelimited } from "../support/wire.ts";

const path = (method: string): string => `/${SessionService.typeName}/${method}`;
const json = { "content-type": "application/json" };

function post(
  { target }: RunningApp,
  method: string,
  {
    body,
    headers = {},
  }: {
    readonly body: object;
    readonly headers?: Record<string, string>;
  },
) {
  const request = {
    path: path(method),
    headers: { ...json, ...headers },
    body: JSON.stringify(body),
  };
  return requestRaw(target.http, request);
}

test.each([
  ["a page of another origin", { origin: "http://attacker.example" }],
  ["a cross-site form", { "sec-fetch-site": "cross-site" }],
  ["a rebound name", { host: "attacker.example" }],
  ["a beacon", { "content-type": "text/plain" }],
])("%s neither opens a session nor ends one", async (_, headers) => {
  await using running = await startApp();
  const { client, close } = openClient(SessionService, "grpc", running.target);
  const { id: sessionId } = await created({ sessions: client });
  for (const [method, body] of [
    ["Create", {}],
    ["Get", { sessionId }],
    ["Rotate", { sessionId }],
    ["Delete", { sessionId }],
    ["DeleteAll", {}],
  ] as const) {
    const answer = await post(running, method, { body, headers });
    expect([403, 415], method).toContain(answer.status);
    expect(answer.text).not.toContain(sessionId);
  }
  expect(await storedRecords(running.app.store)).toEqual({ sessions: 1, finders: 1 });
  expect(await opens({ sessions: client }, sessionId)).toBe(true);
  close();
});

test("an answer that holds an id is kept by no cache, and taken for no page", async () => {
  await using running = await startApp();
  const data = { name: "<script>alert(1)</script>" };
  const answer = await post(running, "Create", { body: { data } });
  const { sessionId } = JSON.parse(answer.text);
  for (const each of [answer, await post(running, "Get", { body: { sessionId } })]) {
    expect(each.status).toBe(200);
    expect(each.headers).toMatchObject({
      "content-type": "application/json",
      "cache-control": "no-store",
      "x-content-type-options": "nosniff",
    });
  }
});

test("without the token nothing is said of sessions, of live ones no more than of others", async () => {
  const file = join(temporaryFolder(), "token");
  writeFileSync(file, "a-token-of-some-length\n");
  await using running = await startProcess({ TIFFIN_AUTH_TOKEN_FILE: file });
  const headers = { authorization: "Bearer a-token-of-some-length" };
  const { client, close } = openClient(SessionService, "grpc", { ...running, headers });
  const { id } = await created({ sessions: client });
  const answers = new Set<string>();
  for (const sessionId of [id, "unknown", ""]) {
    const body = frame(lengthDelimited(1, Buffer.from(sessionId)));
    for (const method of ["Get", "Touch", "Rotate", "Delete"]) {
      const answer = await callRaw(running.grpc, { path: path(method), body });
      answers.add(JSON.stringify([answer.code, answer.message, answer.reason]));
    }
  }
  expect([...answers]).toEqual([expect.stringContaining("UNAUTHENTICATED")]);
  expect(await opens({ sessions: client }, id)).toBe(true);
  close();
});

test("what a client says of itself begins no line of the log, and is not shown in metrics", async () => {
  await using running = await startApp({ TIFFIN_LOG_LEVEL: "trace" });
  const forged = '\r\n{"level":"error","msg":"forged"}\u001b[2J';
  const client = { userAgent: `forged-agent${forged}`, deviceName: forged };
  const headers = { "user-agent": "forged-agent" };
  const subject = `forged-subject${forged}`;
  const before = running.logged.length;
  const kept = await post(running, "Create", { body: { subject, client }, headers });
  expect(JSON.parse(kept.text).session).toMatchObject({ subject, client });
  const tooLong = { subject, client: { deviceName: forged.repeat(30) } };
  const refused = await post(running, "Create", { body: tooLong, headers });
  expect(refused.reason).toBe("INVALID_FIELD");
  // One event each: what was sent is at most quoted within one, and cut.
  expect(running.logged.slice(before).map(({ msg }) => msg)).toEqual(["call", "call"]);
  expect(String(running.logged.at(-1)?.["message"]).length).toBeLessThanOrEqual(64);
  const { text: metrics } = await requestRaw(running.target.http, {
    method: "GET",
    path: "/metrics",
  });
  expect(`${metrics}${JSON.stringify(running.logged)}`).not.toMatch(/forged-(agent|subject)/);
});

test("data of two million elements of two bytes is refused, and the server goes on", async () => {
  await using running = await startApp();
  const empty = lengthDelimited(6, Buffer.alloc(0)); // Value.list_value, of nothing
  const elements = Buffer.alloc(2_000_000);
  for (let at = 0; at < elements.length; at += 4) elements.set([0x0a, 0x02, ...empty], at);
  const list = lengthDelimited(6, elements);
  const member = Buffer.concat([lengthDelimited(1, Buffer.from("a")), lengthDelimited(2, list)]);
  const body = frame(lengthDelimited(2, lengthDelimited(1, member)));
  const answer = await callRaw(running.target.grpc, { path: path("Create"), body });
  expect([answer.code, answer.reason]).toEqual([3, "VALUE_TOO_LARGE"]);
  expect((await post(running, "Create", { body: {} })).status).toBe(200);
});
