/** Questions and series in the words of Powerhouse's analytics engine. */
import { create, toJson } from "@bufbuild/protobuf";
import { DateTime } from "luxon";
import { describe, expect, test } from "vitest";
import { SeriesQuerySchema } from "#gen/tiffin/analytics/v1/query_pb.ts";
import { NewSeriesSchema } from "#gen/tiffin/analytics/v1/series_pb.ts";
import { type AnalyticsQuery, toSeriesQuery } from "../../gen/typescript/lib/analytics-query.ts";
import { type AnalyticsSeries, toNewSeries } from "../../gen/typescript/lib/analytics-series.ts";
import { groupedDimensions } from "../../gen/typescript/lib/grouped-dimensions.ts";

describe("a question", () => {
  test("is put in Tiffin's words, and counts as the engine does", () => {
    expect(
      asked({
        start: DateTime.utc(2024),
        end: new Date("2025-01-01T00:00:00Z"),
        granularity: "monthly",
        metrics: ["Budget"],
        currency: "DAI,MKR",
        select: { project: ["atlas/p1", printing("atlas/p2")], category: [] },
        lod: { project: 2, category: 1 },
      }),
    ).toEqual({
      startTime: "2024-01-01T00:00:00Z",
      endTime: "2025-01-01T00:00:00Z",
      granularity: "GRANULARITY_MONTHLY",
      metrics: ["Budget"],
      metricsIgnoreCase: true,
      units: ["DAI", "MKR"],
      select: [
        { dimension: "project", paths: ["atlas/p1", "atlas/p2"], levelOfDetail: 2 },
        { dimension: "category", levelOfDetail: 1 },
      ],
      boundary: "BOUNDARY_LEFT_OPEN",
    });
  });

  test("may leave out where it begins and ends", () => {
    const query = asked({ ...plain, start: null, end: undefined });
    expect(query).not.toHaveProperty("startTime");
    expect(query).not.toHaveProperty("endTime");
  });

  test("without a level of detail makes one group of a dimension, even one called as what every object has", () => {
    const select = { a: ["x"], toString: ["y"] };
    for (const lod of [undefined, {}, { a: null }]) {
      const query = asked({ ...plain, select, lod } as AnalyticsQuery);
      expect(query).toMatchObject({ select: [{ levelOfDetail: 0 }, { levelOfDetail: 0 }] });
    }
  });

  test.each([
    [0, "total"],
    [1, "annual"],
    [2, "semiAnnual"],
    [3, "quarterly"],
    [4, "monthly"],
    [5, "weekly"],
    [6, "daily"],
    [7, "hourly"],
  ] as const)("takes the granularity %i, %s", (number, name) => {
    const granularity = `GRANULARITY_${name.toUpperCase()}`;
    expect(asked({ ...plain, granularity: number })).toMatchObject({ granularity });
    expect(asked({ ...plain, granularity: name })).toMatchObject({ granularity });
  });

  test.each([-1, 8, 1.5, Number.NaN, "yearly"])("of granularity %s is refused", (granularity) => {
    expect(() => toSeriesQuery({ ...plain, granularity } as AnalyticsQuery)).toThrow(RangeError);
  });

  test("from what is no instant is refused", () => {
    const invalid = [new Date("nothing"), DateTime.invalid("nothing"), Number.POSITIVE_INFINITY];
    for (const start of invalid) {
      expect(() => toSeriesQuery({ ...plain, start })).toThrow("not an instant");
    }
  });

  test.each([
    ["", []],
    ["*", []],
    ["DAI", ["DAI"]],
    ["USD/EUR", ["USD"]],
    ["USD,EUR:group", ["USD", "EUR"]],
    ["a\\,b,c\\/d,e\\\\f", ["a,b", "c/d", "e\\f"]],
    ["*/DAI", []],
  ])("in the currency %j means the units %j", (currency, units) => {
    expect(toSeriesQuery({ ...plain, currency }).units).toEqual(units);
  });
});

describe("a series", () => {
  test("is put in Tiffin's words", () => {
    expect(
      added({
        ...single,
        end: DateTime.utc(2025),
        unit: "DAI",
        fn: "DssVest",
        params: { cliff: "2024-06-01T00:00:00Z" },
        dimensions: { project: printing("atlas/p1"), region: "eu" },
      }),
    ).toEqual({
      source: "import/1",
      metric: "Budget",
      startTime: "2024-01-01T00:00:00Z",
      endTime: "2025-01-01T00:00:00Z",
      value: 5,
      unit: "DAI",
      fn: "DssVest",
      params: { cliff: "2024-06-01T00:00:00Z" },
      dimensions: { project: "atlas/p1", region: "eu" },
    });
  });

  test("may leave out what it does not have", () => {
    const bare = { end: null, unit: null, fn: null, params: null, dimensionMetadata: null };
    expect(added({ ...single, ...bare })).toEqual(added(single));
    expect(added(single)).toEqual({
      source: "import/1",
      metric: "Budget",
      startTime: "2024-01-01T00:00:00Z",
      value: 5,
    });
  });

  test("says of its own dimensions alone what is said of their path", () => {
    const dimensions = { project: "a/b", budget: "/a/b/", region: "a" };
    const dimensionMetadata = { path: "a/b", label: "B" };
    expect(added({ ...single, dimensions, dimensionMetadata })).toMatchObject({
      dimensionMetadata: [
        { dimension: "project", path: "a/b", label: "B" },
        { dimension: "budget", path: "a/b", label: "B" },
      ],
    });
  });
});

test("dimensions come with all their paths, over as many pages as there are", async () => {
  const entries = Array.from({ length: 2500 }, (_, index) => ({
    name: index < 1200 ? "category" : "project",
    path: `p${index}`,
    label: "",
    icon: "",
    description: `d${index}`,
  }));
  const asked: (number | undefined)[] = [];
  const listDimensions = async ({ pageSize = 0, pageToken = "" }) => {
    asked.push(pageSize);
    const from = Number(pageToken);
    const next = from + pageSize;
    return {
      dimensions: entries.slice(from, next),
      nextPageToken: next < entries.length ? `${next}` : "",
    };
  };
  const grouped = await groupedDimensions({ listDimensions } as never);
  expect(asked).toEqual([1000, 1000, 1000]);
  expect(grouped.map(({ name, values }) => [name, values.length])).toEqual([
    ["category", 1200],
    ["project", 1300],
  ]);
  expect(grouped[1]?.values[0]).toEqual({
    path: "p1200",
    label: "",
    icon: "",
    description: "d1200",
  });
});

const plain: AnalyticsQuery = { granularity: "total", metrics: [], select: { project: [] } };

const single: AnalyticsSeries = {
  start: DateTime.utc(2024),
  source: "import/1",
  metric: "Budget",
  value: 5,
  dimensions: {},
};

/** What prints itself as a path, as Powerhouse's AnalyticsPath does. */
const printing = (path: string) => ({ toString: () => path });

const asked = (query: AnalyticsQuery) => toJson(SeriesQuerySchema, toSeriesQuery(query));
const added = (series: AnalyticsSeries) =>
  toJson(NewSeriesSchema, create(NewSeriesSchema, toNewSeries(series)));
