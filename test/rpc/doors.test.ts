import { expect, test } from "vitest";
import { KeyValueService } from "#gen/tiffin/kv/v1/key_value_service_pb.ts";
import { callJson, requestRaw } from "../support/raw-http.ts";
import { type RunningServing, startServing } from "../support/start-serving.ts";

const path = `/${KeyValueService.typeName}/Set`;
const set = { key: "a", value: { text: "1" } };

async function expectUnchanged(running: RunningServing): Promise<void> {
  expect(running.room.calls).toBe(0);
  expect(running.room.values.size).toBe(0);
}

test.each([
  "attacker.example",
  "attacker.example:8080",
  "localhost.attacker.example",
  "127.0.0.1.attacker.example",
  "[::1].attacker.example",
  "localhost@attacker.example",
  "",
])("DNS rebinding: Host %j is refused on every path", async (host) => {
  await using running = await startServing();
  for (const [method, each] of [
    ["POST", path],
    ["GET", `/${KeyValueService.typeName}/Get?encoding=json&message={"key":"a"}`],
    ["GET", "/metrics"],
    ["GET", "/livez"],
    ["GET", "/"],
    ["OPTIONS", path],
  ] as const) {
    const answer = await requestRaw(running.target.http, {
      method,
      path: encodeURI(each),
      headers: { host, "content-type": "application/json" },
      ...(method === "POST" && { body: JSON.stringify(set) }),
    });
    expect(answer.status, `${method} ${each}`).toBe(403);
  }
  await expectUnchanged(running);
});

test.each(["localhost", "LOCALHOST:80", "127.0.0.1", "10.1.2.3:9", "[::1]:8080", "tiffin.svc"])(
  "Host %s is let in",
  async (host) => {
    await using running = await startServing({ TIFFIN_HTTP_ALLOWED_HOSTS: "tiffin.svc" });
    expect((await callJson(running.target.http, "Set", set, { host })).status).toBe(200);
  },
);

test.each([
  ["another origin", { origin: "http://attacker.example" }],
  ["a sandboxed frame", { origin: "null" }],
  ["another port of this host", { origin: "http://127.0.0.1:3000" }],
  ["a cross-site fetch", { "sec-fetch-site": "cross-site" }],
  ["a same-site fetch from another host", { "sec-fetch-site": "same-site" }],
  ["a prefix of a listed origin", { origin: "https://app.example.attacker.example" }],
])("a page of %s may neither read nor write", async (_, headers) => {
  await using running = await startServing({ TIFFIN_HTTP_ALLOWED_ORIGINS: "https://app.example" });
  expect((await callJson(running.target.http, "Set", set, headers)).status).toBe(403);
  const read = await requestRaw(running.target.http, {
    method: "GET",
    path: encodeURI(`/${KeyValueService.typeName}/Get?encoding=json&message={"key":"a"}`),
    headers,
  });
  expect(read.status).toBe(403);
  expect(read.headers["access-control-allow-origin"]).toBeUndefined();
  await expectUnchanged(running);
});

test.each(["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"])(
  "a form or beacon (%s) writes nothing, even from a browser that tells no origin",
  async (type) => {
    await using running = await startServing();
    const answer = await callJson(running.target.http, "Set", set, { "content-type": type });
    expect(answer.status).toBe(415);
    await expectUnchanged(running);
  },
);

test("a write cannot be made with GET", async () => {
  await using running = await startServing();
  const answer = await requestRaw(running.target.http, {
    method: "GET",
    path: encodeURI(`${path}?encoding=json&message=${JSON.stringify(set)}`),
  });
  expect(answer.status).toBe(405);
  await expectUnchanged(running);
});

test("a listed origin is answered with CORS, its preflight too", async () => {
  const origin = "https://app.example";
  await using running = await startServing({ TIFFIN_HTTP_ALLOWED_ORIGINS: origin });
  const headers = { origin, "sec-fetch-site": "cross-site" };
  const preflight = await requestRaw(running.target.http, { method: "OPTIONS", path, headers });
  expect(preflight.status).toBe(204);
  expect(preflight.headers["access-control-allow-origin"]).toBe(origin);
  expect(preflight.headers["access-control-allow-headers"]).toMatch(/tiffin-tenant/);
  const answer = await callJson(running.target.http, "Set", set, headers);
  expect(answer.status).toBe(200);
  expect(answer.headers["access-control-allow-origin"]).toBe(origin);
});

test("an unlisted origin's preflight is refused", async () => {
  await using running = await startServing();
  const headers = { origin: "https://app.example", "access-control-request-method": "POST" };
  const answer = await requestRaw(running.target.http, { method: "OPTIONS", path, headers });
  expect(answer.status).toBe(403);
});

test("stored markup is answered as JSON that no browser takes for a page", async () => {
  await using running = await startServing();
  await callJson(running.target.http, "Set", { key: "x", value: { text: "<script>1</script>" } });
  const answer = await requestRaw(running.target.http, {
    method: "GET",
    path: encodeURI(`/${KeyValueService.typeName}/Get?encoding=json&message={"key":"x"}`),
  });
  expect(answer.text).toContain("<script>");
  expect(answer.headers["content-type"]).toBe("application/json");
});

test.each([
  ["GET", "/"],
  ["GET", "/livez"],
  ["GET", "/metrics"],
  ["GET", "/no/such/path"],
  ["POST", path],
])("%s %s is neither sniffed nor kept", async (method, each) => {
  await using running = await startServing();
  const { headers } = await requestRaw(running.target.http, { method, path: each });
  expect(headers["x-content-type-options"]).toBe("nosniff");
  expect(headers["cache-control"]).toBe("no-store");
});

test("an unknown path is 404 with a short JSON", async () => {
  await using running = await startServing();
  const answer = await requestRaw(running.target.http, { method: "GET", path: "/favicon.ico" });
  expect(answer.status).toBe(404);
  expect(JSON.parse(answer.text)).toMatchObject({ code: "unimplemented" });
});
