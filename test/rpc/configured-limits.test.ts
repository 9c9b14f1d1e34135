import { join } from "node:path";
import { Code } from "@connectrpc/connect";
import { expect, test } from "vitest";
import { AnalyticsService } from "#gen/tiffin/analytics/v1/analytics_service_pb.ts";
import { Granularity } from "#gen/tiffin/analytics/v1/query_pb.ts";
import { KeyValueService } from "#gen/tiffin/kv/v1/key_value_service_pb.ts";
import { SessionService } from "#gen/tiffin/session/v1/session_service_pb.ts";
import { sessionDataBytesCeiling } from "../../src/session/session-limits.ts";
import { dayOf2024, one } from "../contracts/rpc-analytics-parts.ts";
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

test("what is configured of analytics reaches their room and their store", async () => {
  await using running = await startApp({
    TIFFIN_ANALYTICS_BATCH_MAX: "2",
    TIFFIN_ANALYTICS_PERIODS_MAX: "3",
    TIFFIN_ANALYTICS_NUMBERS_MAX: "5",
    TIFFIN_ANALYTICS_MEMORY_MAX_BYTES: "64KiB",
    TIFFIN_WATCHES_MAX: "0",
  });
  const { client, close } = openClient(AnalyticsService, "grpc", running.target);
  const exceeded = { code: Code.ResourceExhausted, reason: "LIMIT_EXCEEDED" };
  const series = [0, 1, 2].map((days) => one({ startTime: dayOf2024(days) }));
  expect(await failureOf(client.addSeries({ series }))).toMatchObject(exceeded);
  await client.addSeries({ series: series.slice(0, 2) });
  const days = (count: number) => {
    const range = { startTime: dayOf2024(0), endTime: dayOf2024(count) };
    const select = [{ dimension: "d" }];
    return client.query({ query: { ...range, granularity: Granularity.DAILY, select } });
  };
  expect((await days(2)).periods).toHaveLength(2);
  const refused = [await failureOf(days(3)), await failureOf(days(4))];
  expect(refused).toMatchObject([{ ...exceeded, metadata: { max: "5", actual: "6" } }, exceeded]);
  const watch = client.watch({})[Symbol.asyncIterator]();
  expect(await failureOf(watch.next())).toMatchObject({ reason: "LIMIT_EXCEEDED" });
  const large = one({ params: { text: "x".repeat(4000) } });
  const fill = async (): Promise<void> => {
    for (let at = 0; at < 64; at++) await client.addSeries({ series: [large] });
  };
  expect(await failureOf(fill())).toMatchObject({ reason: "STORE_FULL" });
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
