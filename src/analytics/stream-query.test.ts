import { create } from "@bufbuild/protobuf";
import { timestampFromMs } from "@bufbuild/protobuf/wkt";
import { expect, test } from "vitest";
import {
  AnalyticsService,
  StreamQueryRequestSchema,
  type StreamQueryResponse,
} from "#gen/tiffin/analytics/v1/analytics_service_pb.ts";
import { Granularity } from "#gen/tiffin/analytics/v1/query_pb.ts";
import { streamedAnswer } from "../../gen/typescript/lib/streamed-answer.ts";
import { altered } from "../../test/contracts/rpc-analytics-altered.ts";
import { callContext } from "../../test/support/call-context.ts";
import { openAnalyticsRoom } from "../../test/support/open-analytics-room.ts";
import type { AnalyticsRoom } from "./analytics-room.ts";
import { asMessageOrJson, bytesOfPeriods } from "./answer-bytes.ts";
import { streamQuery } from "./stream-query.ts";

const context = callContext(AnalyticsService.method.streamQuery);

/** One value of each of so many projects, and the question of so many periods to them. */
async function filled({ series }: AnalyticsRoom, projects: number): Promise<void> {
  const added = Array.from({ length: projects }, (_, at) => ({
    ...{ source: "s", metric: "m", start: 0, value: at },
    dimensions: { project: `p${at}` },
  }));
  await series.add({ tenant: "default" }, { series: added });
}

function streamed(room: AnalyticsRoom, hours: number): AsyncGenerator<StreamQueryResponse> {
  const request = create(StreamQueryRequestSchema, {
    query: {
      granularity: Granularity.HOURLY,
      select: [{ dimension: "project" }],
      startTime: timestampFromMs(0),
      endTime: timestampFromMs(hours * 3_600_000),
    },
  });
  return streamQuery(room, request, context);
}

test("a stream of 100,000 periods has them in several messages, none with more than it may have", async () => {
  await using opened = await openAnalyticsRoom();
  await filled(opened.room, 2);
  const messages: StreamQueryResponse[] = [];
  for await (const message of streamed(opened.room, 100_000)) messages.push(message);
  for (const { periods } of messages) {
    expect(bytesOfPeriods(periods, asMessageOrJson)).toBeLessThanOrEqual(1024 * 1024);
  }
  const answer = await streamedAnswer(toAsync(messages));
  expect(answer.periods).toHaveLength(100_000);
  expect(answer.groups.map(({ value }) => value.length)).toEqual([100_000, 100_000]);
  expect(answer.revision).toBeGreaterThan(0n);
  const firstGroups = messages.findIndex(({ groups }) => groups.length > 0);
  expect(messages.slice(firstGroups).flatMap(({ periods }) => periods)).toEqual([]);
});

test("a group that no message has room for is refused in words of the configuration", async () => {
  await using opened = await openAnalyticsRoom({ messageBytesMax: 4096 });
  await filled(opened.room, 1);
  const refused = streamedAnswer(streamed(opened.room, 1000));
  await expect(refused).rejects.toMatchObject({
    kind: "limit_exceeded",
    message: expect.stringMatching(/TIFFIN_MESSAGE_BYTES_MAX.*shorter range/),
  });
});

test("streams that are not read hold so much together, and one more is refused until one of them ends", async () => {
  await using opened = await openAnalyticsRoom({ analyticsNumbersMax: 1000 });
  await filled(opened.room, 50);
  const stopped = [streamed(opened.room, 4), streamed(opened.room, 4)];
  for (const stream of stopped) expect((await stream.next()).value.periods).toHaveLength(4);
  await expect(streamedAnswer(streamed(opened.room, 4))).rejects.toMatchObject({
    kind: "overloaded",
    message: expect.stringContaining("16 times TIFFIN_ANALYTICS_NUMBERS_MAX"),
    details: { metadata: { max: "16000", actual: "16200" }, retryAfterMs: 1000 },
  });
  await stopped[0]?.return(undefined);
  expect((await streamedAnswer(streamed(opened.room, 4))).groups).toHaveLength(50);
  await stopped[1]?.return(undefined);
});

test("a stream works out half of the numbers at a time that an answer may have", async () => {
  await using opened = await openAnalyticsRoom({ analyticsNumbersMax: 400 });
  await filled(opened.room, 50);
  const asked: unknown[] = [];
  const noted = altered("query", (store) => (scope, query) => {
    asked.push(query.slice);
    return store.query(scope, query);
  });
  const room = { ...opened.room, series: noted(opened.room.series) };
  expect((await streamedAnswer(streamed(room, 4))).groups).toHaveLength(50);
  expect(asked).toEqual([
    { from: 0, count: 25 },
    { from: 25, count: 25 },
  ]);
});

async function* toAsync<T>(items: readonly T[]): AsyncGenerator<T> {
  yield* items;
}
