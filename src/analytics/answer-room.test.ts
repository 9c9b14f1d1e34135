import { create } from "@bufbuild/protobuf";
import { timestampFromMs } from "@bufbuild/protobuf/wkt";
import { expect, test } from "vitest";
import {
  AnalyticsService,
  QueryRequestSchema,
} from "#gen/tiffin/analytics/v1/analytics_service_pb.ts";
import { Granularity } from "#gen/tiffin/analytics/v1/query_pb.ts";
import { altered } from "../../test/contracts/rpc-analytics-altered.ts";
import { callContext } from "../../test/support/call-context.ts";
import { openAnalyticsRoom } from "../../test/support/open-analytics-room.ts";
import { query } from "./query.ts";

const context = callContext(AnalyticsService.method.query);

test.for([
  ["bytes", { messageBytesMax: 4096 }, "messageBytesMax"],
  ["numbers", { analyticsNumbersMax: 8 }, "analyticsNumbersMax"],
] as const)(
  "an answer of too many %s is refused before what is said of its paths is looked up",
  async ([, limits, limit]) => {
    await using opened = await openAnalyticsRoom(limits);
    const series = Array.from({ length: 8 }, (_, at) => ({
      ...{ source: "s", metric: "m", start: 0, value: 1 },
      dimensions: { project: `${at}/${"x".repeat(900)}` },
    }));
    await opened.room.series.add({ tenant: "default" }, { series });
    let described = 0;
    const counted = altered("describe", (store) => (scope, paths) => {
      described++;
      return store.describe(scope, paths);
    });
    const room = { ...opened.room, series: counted(opened.room.series) };
    const request = create(QueryRequestSchema, {
      query: { granularity: Granularity.TOTAL, select: [{ dimension: "project" }] },
    });
    await expect(query(room, request, context)).rejects.toMatchObject({
      kind: "limit_exceeded",
      details: { metadata: { limit } },
    });
    expect(described).toBe(0);
  },
);

test("an answer without groups comes to its end", async () => {
  await using opened = await openAnalyticsRoom();
  const request = create(QueryRequestSchema, {
    query: {
      granularity: Granularity.TOTAL,
      select: [{ dimension: "project" }],
      startTime: timestampFromMs(0),
      endTime: timestampFromMs(1),
    },
  });
  expect(await query(opened.room, request, context)).toMatchObject({ groups: [] });
});
