import { create, type MessageInitShape } from "@bufbuild/protobuf";
import { expect, test } from "vitest";
import { SeriesFilterSchema } from "#gen/tiffin/analytics/v1/series_pb.ts";
import { toTimestamp } from "../timestamp.ts";
import { checkDistinct, toSelections } from "./selection.ts";
import { toSeriesFilter } from "./series-filter.ts";

const filterOf = (init: MessageInitShape<typeof SeriesFilterSchema>) =>
  toSeriesFilter(create(SeriesFilterSchema, init), "filter");

test("a filter that is absent or says nothing asks nothing", () => {
  expect(toSeriesFilter(undefined, "filter")).toEqual({});
  expect(Object.values(filterOf({})).filter((value) => value !== undefined)).toEqual([false]);
});

test("a filter is answered in canonical form, its instants to the millisecond", () => {
  expect(
    filterOf({
      ids: [1n, 2n ** 40n],
      sources: ["/a/b/", "c/*"],
      metrics: ["http_requests_total", "FTEs"],
      metricsIgnoreCase: true,
      units: ["", "DAI"],
      select: [
        { dimension: "project", paths: ["/a", "?"], exclude: ["a/x/"], levelOfDetail: 2 },
        { dimension: "category" },
      ],
      startTime: { seconds: -1n, nanos: 999_999_999 },
      endTime: { seconds: 2n, nanos: 1_500_000 },
    }),
  ).toEqual({
    ids: [1, 2 ** 40],
    sources: { include: ["a/b", "c/*"], exclude: [] },
    metrics: ["http_requests_total", "FTEs"],
    metricsIgnoreCase: true,
    units: ["", "DAI"],
    select: [
      {
        dimension: "project",
        patterns: { include: ["a", "?"], exclude: ["a/x"] },
        levelOfDetail: 2,
      },
      { dimension: "category", patterns: { include: [], exclude: [] }, levelOfDetail: undefined },
    ],
    from: -1,
    before: 2001,
  });
});

test("ids that no series can have are left out, and a filter of them alone matches nothing", () => {
  expect(filterOf({ ids: [0n, -1n, 2n ** 53n, 2n ** 62n] }).ids).toEqual([]);
  expect(filterOf({ ids: [2n ** 53n - 1n, 2n ** 53n] }).ids).toEqual([2 ** 53 - 1]);
});

const rows: readonly [field: string, init: MessageInitShape<typeof SeriesFilterSchema>][] = [
  ["filter.sources[1]", { sources: ["a", "a//b"] }],
  ["filter.sources[0]", { sources: [""] }],
  ["filter.metrics[0]", { metrics: [""] }],
  ["filter.metrics[1]", { metrics: ["a", "m".repeat(256)] }],
  ["filter.units[1]", { units: ["", "a\0"] }],
  ["filter.select[0].dimension", { select: [{ dimension: "a\0" }] }],
  ["filter.select[1].paths[0]", { select: [{ dimension: "a" }, { dimension: "b", paths: ["/"] }] }],
  ["filter.select[0].exclude[1]", { select: [{ dimension: "a", exclude: ["x", "x//y"] }] }],
  ["filter.start_time", { startTime: { seconds: -62_135_596_801n } }],
  ["filter.end_time", { endTime: { seconds: 253_402_300_800n } }],
  ["filter.end_time", { endTime: { seconds: 0n, nanos: -1 } }],
  ["filter.end_time", { endTime: { seconds: 0n, nanos: 1_000_000_000 } }],
  ["filter.end_time", { startTime: toTimestamp(5), endTime: toTimestamp(5) }],
  ["filter.end_time", { startTime: toTimestamp(5), endTime: toTimestamp(4) }],
];

test.each(rows)("%s is refused by name", (field, init) => {
  expect(() => filterOf(init)).toThrowError(
    expect.objectContaining({
      kind: "invalid_field",
      details: expect.objectContaining({ violations: [expect.objectContaining({ field })] }),
    }),
  );
});

test("groups are made of every dimension once, while a filter may name one twice", () => {
  const { select } = create(SeriesFilterSchema, {
    select: [{ dimension: "a" }, { dimension: "b" }, { dimension: "a" }],
  });
  const selections = toSelections(select, "query.select");
  expect(selections).toHaveLength(3);
  expect(() => checkDistinct(selections, "query.select")).toThrowError(
    "query.select[2].dimension: is selected twice",
  );
});
