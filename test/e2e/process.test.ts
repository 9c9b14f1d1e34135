import { once } from "node:events";
import { mkdtemp, rm, stat, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Code } from "@connectrpc/connect";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import {
  Health,
  HealthCheckResponse_ServingStatus as Status,
} from "#gen/grpc/health/v1/health_pb.ts";
import { KeyValueService } from "#gen/tiffin/kv/v1/key_value_service_pb.ts";
import { caught } from "../support/caught.ts";
import { openClient, transportNames } from "../support/clients.ts";
import { requestRaw } from "../support/raw-http.ts";
import { spawnMain, startProcess } from "../support/start-process.ts";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "tiffin-"));
});
afterEach(() => rm(folder, { recursive: true }));

test.each(["SIGTERM", "SIGINT"] as const)("%s ends it with 0", async (signal) => {
  await using running = await startProcess();
  running.child.kill(signal);
  expect((await running.exited).code).toBe(0);
  expect(running.logged.at(-1)).toMatchObject({ msg: "stopped" });
});

test.each(transportNames)(
  "a watch over %s is told of the shutdown, and the process does not wait for it",
  async (name) => {
    await using running = await startProcess();
    const { client, close } = openClient(KeyValueService, name, running);
    const watching = (async () => {
      for await (const _ of client.watch({})) running.child.kill("SIGTERM");
    })();
    const error = await caught(watching);
    expect([error.code, error.reason]).toEqual([Code.Unavailable, "SHUTTING_DOWN"]);
    expect((await running.exited).code).toBe(0);
    close();
  },
);

test("during the delay it is not ready and still serves", async () => {
  await using running = await startProcess({ TIFFIN_SHUTDOWN_DELAY: "1h" });
  const { client: health, close: closeHealth } = openClient(Health, "grpc", running);
  const { client: kv, close } = openClient(KeyValueService, "grpc", running);
  for await (const { status } of health.watch({})) {
    if (status === Status.NOT_SERVING) break;
    running.child.kill("SIGTERM");
  }
  await kv.set({ key: "a", value: { kind: { case: "integer", value: 1n } } });
  const ready = await requestRaw(running.http, { method: "GET", path: "/readyz" });
  const live = await requestRaw(running.http, { method: "GET", path: "/livez" });
  expect([ready.status, live.status]).toEqual([503, 200]);
  running.child.kill("SIGTERM");
  expect((await running.exited).code, "a second signal ends it at once").toBe(1);
  closeHealth();
  close();
});

test("a broken configuration ends it with 1 and every problem on stderr", async () => {
  const { exited } = spawnMain({ TIFFIN_GRPC_ADDRESS: "0.0.0.0:0", TIFFIN_LOG_LEVEL: "loud" });
  const { code, stderr } = await exited;
  expect(code).toBe(1);
  expect(stderr).toContain("TIFFIN_LOG_LEVEL=loud: expected one of trace");
  expect(stderr).toContain("TIFFIN_GRPC_ADDRESS=0.0.0.0:0: others can reach it");
  expect(stderr).not.toContain("    at ");
});

test("a taken port ends it with 1, and says which and what to do", async () => {
  const taken = createServer().listen(0, "127.0.0.1");
  await once(taken, "listening");
  const { port } = taken.address() as { port: number };
  const { code, stderr } = await spawnMain({ TIFFIN_HTTP_ADDRESS: `127.0.0.1:${port}` }).exited;
  expect(code).toBe(1);
  expect(stderr).toMatch(new RegExp(`^cannot listen on 127.0.0.1:${port}: listen EADDRINUSE`));
  expect(stderr).toContain("choose another address");
  expect(stderr).not.toContain("    at ");
  taken.close();
});

test("the ops address serves the probes and nothing else", async () => {
  await using running = await startProcess({ TIFFIN_OPS_ADDRESS: "127.0.0.1:0" });
  const [ops = ""] = (running.logged[0]?.["ops"] ?? []) as string[];
  const get = async (path: string) => (await requestRaw(ops, { method: "GET", path })).status;
  expect([await get("/livez"), await get("/readyz"), await get("/metrics")]).toEqual([
    200, 200, 200,
  ]);
  expect(await get(`/${KeyValueService.typeName}/Get`)).toBe(404);
});

test("the token file is demanded of callers, and is not logged", async () => {
  const file = join(folder, "token");
  await writeFile(file, "0123456789abcdef-secret\n");
  await using running = await startProcess({ TIFFIN_AUTH_TOKEN_FILE: file });
  const { client, close } = openClient(KeyValueService, "grpc", running);
  expect((await caught(client.get({ key: "a" }))).code).toBe(Code.Unauthenticated);
  const headers = { authorization: "Bearer 0123456789abcdef-secret" };
  await client.get({ key: "a" }, { headers });
  expect(JSON.stringify(running.logged)).not.toContain("0123456789abcdef");
  close();
});

describe("a Unix socket", () => {
  const env = (path: string) => ({ TIFFIN_GRPC_ADDRESS: `unix:${path}` });

  test.each([
    [{}, 0o600],
    [{ TIFFIN_GRPC_SOCKET_MODE: "0660" }, 0o660],
  ])("with %j has that mode, and serves", async (given, mode) => {
    const path = join(folder, "tiffin.sock");
    await using running = await startProcess({ ...env(path), ...given });
    expect((await stat(path)).mode & 0o777).toBe(mode);
    const { client, close } = openClient(KeyValueService, "grpc", running);
    await client.get({ key: "a" });
    close();
    running.child.kill("SIGTERM");
    await running.exited;
    await expect(stat(path)).rejects.toThrow("ENOENT");
  });

  test("left behind by a killed process is replaced", async () => {
    const path = join(folder, "tiffin.sock");
    const killed = await startProcess(env(path));
    await killed[Symbol.asyncDispose]();
    expect((await stat(path)).isSocket()).toBe(true);
    await using running = await startProcess(env(path));
    expect(running.grpc).toBe(`unix:${path}`);
  });

  test("that another process listens on is an error, and stays theirs", async () => {
    const path = join(folder, "tiffin.sock");
    await using first = await startProcess(env(path));
    const { code, stderr } = await spawnMain(env(path)).exited;
    expect([code, stderr]).toEqual([1, expect.stringContaining("another process listens")]);
    const { client, close } = openClient(KeyValueService, "grpc", first);
    await client.get({ key: "a" });
    close();
  });

  test("is never made of a file that is none", async () => {
    const path = join(folder, "precious");
    await writeFile(path, "data");
    const { code, stderr } = await spawnMain(env(path)).exited;
    expect([code, stderr]).toEqual([1, expect.stringContaining("is not a socket")]);
    expect((await stat(path)).size).toBe(4);
  });
});
