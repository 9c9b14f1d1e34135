import type { MessageInitShape } from "@bufbuild/protobuf";
import { Code } from "@connectrpc/connect";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { AggregateFunction, Granularity, OrderBy } from "#gen/tiffin/analytics/v1/query_pb.ts";
import type { SeriesFilterSchema } from "#gen/tiffin/analytics/v1/series_pb.ts";
import { as } from "./rpc-analytics-parts.ts";
import { added, instant, type QueryInit, queryOf, valued } from "./rpc-analytics-query-parts.ts";
import { failureOf } from "./rpc-messages.ts";
import type { RpcSubject, RpcUnderTest } from "./rpc-subject.ts";

export function describeAnalyticsQueryRefusals(subject: RpcUnderTest): void {
  describe("queries that are refused", () => {
    let rpc: RpcSubject;
    beforeAll(async () => {
      rpc = await subject.open({ analyticsLimits: { analyticsPeriodsMax: 1000 } });
      await added(rpc, valued("2024-01-01", 1));
    });
    afterAll(() => rpc.close());

    const project = { dimension: "project" };
    const monthly = { count: 1, unit: Granularity.MONTHLY };
    const percentile = AggregateFunction.PERCENTILE;
    const rows: readonly (readonly [title: string, init: QueryInit, field: string])[] = [
      ["no dimension", { select: [] }, "query.select"],
      [
        "more dimensions than there may be",
        { select: Array.from({ length: 33 }, (_, index) => ({ dimension: `d${index}` })) },
        "query.select",
      ],
      [
        "a dimension selected twice",
        { select: [project, { dimension: "k" }, project] },
        "query.select[2].dimension",
      ],
      ["a dimension without a name", { select: [{}] }, "query.select[0].dimension"],
      [
        "a path with an empty segment",
        { select: [project, { dimension: "k", paths: ["a", "a//b"] }] },
        "query.select[1].paths[1]",
      ],
      ["an empty path", { select: [{ ...project, paths: [""] }] }, "query.select[0].paths[0]"],
      [
        "an excluded path with an empty segment",
        { select: [{ ...project, exclude: ["//"] }] },
        "query.select[0].exclude[0]",
      ],
      [
        "a level of detail below none",
        { select: [{ ...project, levelOfDetail: -1 }] },
        "query.select[0].level_of_detail",
      ],
      ["an empty metric", { metrics: ["a", ""] }, "query.metrics[1]"],
      ["a unit too long", { units: ["u".repeat(256)] }, "query.units[0]"],
      ["no granularity", { granularity: 0 }, "query.granularity"],
      ["a granularity that is none", { granularity: 9 as never }, "query.granularity"],
      ["a range that runs backwards", { from: "2024-02-01", to: "2024-01-01" }, "query.end_time"],
      ["a range without length", { from: "2024-02-01", to: "2024-02-01" }, "query.end_time"],
      [
        "a relative range beside a start",
        { from: "2024-02-01", relativeRange: monthly },
        "query.relative_range",
      ],
      [
        "a relative range beside an end",
        { to: "2024-02-01", relativeRange: monthly },
        "query.relative_range",
      ],
      [
        "a relative range of no units",
        { relativeRange: { ...monthly, count: 0 } },
        "query.relative_range.count",
      ],
      [
        "a relative range of totals",
        { relativeRange: { count: 1, unit: Granularity.TOTAL } },
        "query.relative_range.unit",
      ],
      [
        "a relative range that reaches too far back",
        { relativeRange: { count: 3000, unit: Granularity.ANNUAL } },
        "query.relative_range.count",
      ],
      ["a time zone that is none", { timeZone: "Europe/Atlantis" }, "query.time_zone"],
      ["the machine's time zone", { timeZone: "local" }, "query.time_zone"],
      ["an offset for a time zone", { timeZone: "+01:00" }, "query.time_zone"],
      ["a week that starts on no day", { weekStart: 8 as never }, "query.week_start"],
      ["a boundary that is none", { boundary: 3 as never }, "query.boundary"],
      ["empty periods done nothing with", { emptyPeriods: 3 as never }, "query.empty_periods"],
      ["an aggregate that is none", { aggregates: [{}] }, "query.aggregates[0].function"],
      [
        "a percentile beyond the last",
        { aggregates: [{ function: percentile, percentile: 101 }] },
        "query.aggregates[0].percentile",
      ],
      [
        "a percentile that is no number",
        { aggregates: [{ function: percentile, percentile: Number.NaN }] },
        "query.aggregates[0].percentile",
      ],
      [
        "a percentile of what is none",
        { aggregates: [{ function: AggregateFunction.AVG, percentile: 95 }] },
        "query.aggregates[0].percentile",
      ],
      ["an order by no aggregate", { order: { by: OrderBy.AGGREGATE } }, "query.order.aggregate"],
      [
        "an aggregate for another order",
        { order: { by: OrderBy.SUM, aggregate: { function: AggregateFunction.AVG } } },
        "query.order.aggregate",
      ],
      ["less than no groups", { top: -1 }, "query.top"],
      ["a comparison with nothing", { compare: {} }, "query.compare.range"],
      [
        "a comparison no units back",
        { compare: { range: { case: "back", value: { ...monthly, count: 0 } } } },
        "query.compare.back.count",
      ],
      [
        "a comparison too far back",
        {
          ...{ from: "2024-01-01", to: "2024-02-01" },
          compare: {
            range: { case: "back", value: { count: 3000, unit: Granularity.ANNUAL } },
          },
        },
        "query.compare.back.count",
      ],
    ];

    test.each(rows)("%s: by code, reason and field", async (...[, init, field]) => {
      const query = queryOf(init);
      const stream = async (): Promise<void> => {
        for await (const _ of rpc.analytics.streamQuery({ query }));
      };
      for (const call of [rpc.analytics.query({ query }), stream()]) {
        expect(await failureOf(call)).toMatchObject({
          code: Code.InvalidArgument,
          reason: "INVALID_FIELD",
          fields: [field],
        });
      }
    });

    test("no question at all", async () => {
      expect(await failureOf(rpc.analytics.query({}))).toMatchObject({
        reason: "INVALID_FIELD",
        fields: ["query"],
      });
    });

    test("more periods than there may be, said with the limit and how many they would be", async () => {
      const granularity = Granularity.HOURLY;
      const query = queryOf({ granularity, from: "2024-01-01", to: "2025-01-01" });
      expect(await failureOf(rpc.analytics.query({ query }))).toMatchObject({
        code: Code.ResourceExhausted,
        reason: "LIMIT_EXCEEDED",
        metadata: { limit: "analyticsPeriodsMax", max: "1000", actual: "8784" },
      });
    });

    test("all that a tenant asks who is not there", async () => {
      const query = queryOf({ from: "2024-01-01", to: "2025-01-01" });
      const { analytics } = rpc;
      const drain = async (stream: AsyncIterable<unknown>): Promise<void> => {
        for await (const _ of stream);
      };
      const calls = [
        analytics.query({ query }, as("absent")),
        drain(analytics.streamQuery({ query }, as("absent"))),
        analytics.listSeries({}, as("absent")),
        drain(analytics.streamSeries({}, as("absent"))),
      ];
      for (const call of calls) {
        expect(await failureOf(call)).toMatchObject({
          code: Code.NotFound,
          reason: "TENANT_NOT_FOUND",
          metadata: { tenant: "absent" },
        });
      }
    });

    test("a filter of series, by field", async () => {
      const filter = { startTime: instant("2024-02-01"), endTime: instant("2024-01-01") };
      const rows: [MessageInitShape<typeof SeriesFilterSchema>, string][] = [
        [{ sources: ["a//b"] }, "filter.sources[0]"],
        [filter, "filter.end_time"],
        [{ metrics: [""] }, "filter.metrics[0]"],
      ];
      for (const [filter, field] of rows) {
        expect(await failureOf(rpc.analytics.listSeries({ filter }))).toMatchObject({
          code: Code.InvalidArgument,
          reason: "INVALID_FIELD",
          fields: [field],
        });
      }
    });
  });
}
