import { join } from "node:path";
import { Code } from "@connectrpc/connect";
import { expect, test } from "vitest";
import { KeyValueService } from "#gen/tiffin/kv/v1/key_value_service_pb.ts";
import { SessionService } from "#gen/tiffin/session/v1/session_service_pb.ts";
import { sessionDataBytesCeiling } from "../../src/session/session-limits.ts";
import { durationOf, failureOf } from "../contracts/rpc-messages.ts";
import { openClient } from "../support/clients.ts";
import { startApp } from "../support/start-app.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

test("what is configured reaches the rooms", async () => {
  await using running = await startApp({ TIFFIN_BATCH_KEYS_MAX: "2", TIFFIN_KEY_BYTES_MAX: "3" });
  const { client, close } = openClient(KeyValueService, "grpc", running.target);
  await client.batchGet({ keys: ["a", "b"] });
  expect(await failureOf(client.batchGet({ keys: ["a", "b", "c"] }))).toMatchObject({
    code: Code.ResourceExhausted,
    reason: "LIMIT_EXCEEDED",
  });
  expect(await failureOf(client.get({ key: "long" }))).toMatchObject({ reason: "KEY_TOO_LARGE" });
  close();
});

test("what is configured of sessions reaches their room", async () => {
  await using running = await startApp({
    TIFFIN_SESSION_IDLE_TIMEOUT_MAX: "1m",
    TIFFIN_SESSION_ABSOLUTE_TIMEOUT_MAX: "1h",
    TIFFIN_SESSION_DATA_BYTES_MAX: "10",
    TIFFIN_WATCHES_MAX: "0",
  });
  const { client, close } = openClient(SessionService, "grpc", running.target);
  const idleTimeout = durationOf(60_000);
  await client.create({ data: { a: "12" }, policy: { idleTimeout } });
  const refused = {
    "policy.idle_timeout": { idleTimeout: durationOf(60_001) },
    "policy.absolute_timeout": { absoluteTimeout: durationOf(3_600_001) },
  };
  for (const [field, policy] of Object.entries(refused)) {
    const failure = await failureOf(client.create({ policy }));
    expect(failure).toMatchObject({ reason: "INVALID_FIELD", fields: [field] });
  }
  const large = client.create({ data: { a: "123" } });
  expect(await failureOf(large)).toMatchObject({
    reason: "VALUE_TOO_LARGE",
    metadata: { limit: "session data bytes", max: "10", actual: "11" },
  });
  const watch = client.watch({})[Symbol.asyncIterator]();
  expect(await failureOf(watch.next())).toMatchObject({ reason: "LIMIT_EXCEEDED" });
  close();
});

test("the largest data that can be configured is kept and answered, whatever else the session says", async () => {
  await using running = await startApp({
    TIFFIN_SESSION_DATA_BYTES_MAX: String(sessionDataBytesCeiling),
    TIFFIN_STORE_URL: `sqlite:${join(temporaryFolder(), "store.db")}`,
  });
  const { client, close } = openClient(SessionService, "grpc", running.target);
  const data = { a: "x".repeat(sessionDataBytesCeiling - '{"a":""}'.length) };
  // Each of these takes six bytes as JSON.
  const text = "\u0001";
  const clientOf = { userAgent: text.repeat(1024), deviceName: text.repeat(256) };
  const { sessionId } = await client.create({
    ...{ subject: text.repeat(512), data },
    client: { ipAddress: "ffff:ffff:ffff:ffff:ffff:ffff:255.255.255.255", ...clientOf },
  });
  let id = sessionId;
  for (let turn = 0; turn < 6; turn++) id = (await client.rotate({ sessionId: id })).sessionId;
  expect((await client.get({ sessionId: id })).session).toMatchObject({ data, client: clientOf });
  expect((await client.list({})).sessions).toHaveLength(1);
  close();
});
