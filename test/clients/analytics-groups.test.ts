/** Groups of paths, metrics and units, as users of Powerhouse's analytics engine know them. */
import { DateTime } from "luxon";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { toSeriesQuery } from "../../gen/typescript/lib/analytics-query.ts";
import { groupedDimensions } from "../../gen/typescript/lib/grouped-dimensions.ts";
import type { GroupedPeriod } from "../../gen/typescript/lib/grouped-periods.ts";
import { streamedAnswer } from "../../gen/typescript/lib/streamed-answer.ts";
import { type AnalyticsSubject, openAnalyticsSubject } from "./analytics-subject.ts";

let subject: AnalyticsSubject;

beforeAll(async () => {
  subject = await openAnalyticsSubject();
});
afterAll(() => subject.stop());

describe("several metrics, units and dimensions", () => {
  const source = "mix";
  const start = DateTime.utc(2024, 1, 10);
  const range = {
    start: DateTime.utc(2024),
    end: DateTime.utc(2025),
    granularity: "total",
  } as const;
  const dimensions = (project: string, category: string) => ({ project, category });

  beforeAll(() =>
    subject.add([
      {
        source,
        start,
        metric: "Mix",
        unit: "DAI",
        value: 10,
        dimensions: dimensions("a/b/c", "hr"),
      },
      {
        source,
        start,
        metric: "Mix",
        unit: "MKR",
        value: 20,
        dimensions: dimensions("a/b/d", "hr"),
      },
      { source, start, metric: "MixFTEs", value: 1.5, dimensions: dimensions("a/b/c", "hr/x") },
      { source, start, metric: "Mix", unit: "DAI", value: 4, dimensions: { project: "a" } },
      { source, start, metric: "Mix", unit: "DAI", value: 8, dimensions: dimensions("a/bc", "it") },
    ]),
  );

  const select = { project: ["a/b", "a/bc"], category: [] };
  const lod = { project: 2, category: 1 };

  test("one row for each of paths, metric and unit, in the order in which they were first there", async () => {
    const query = { ...range, metrics: ["Mix", "MixFTEs"], select, lod };
    expect(rowsOf(await subject.ask(query))).toEqual([
      ["a/b", "hr", "Mix", "DAI", 10],
      ["a/b", "hr", "Mix", "MKR", 20],
      ["a/b", "hr", "MixFTEs", null, 1.5],
      ["a/bc", "it", "Mix", "DAI", 8],
    ]);
  });

  test("a currency leaves out what has no unit", async () => {
    const query = { ...range, metrics: ["Mix", "MixFTEs"], currency: "MKR,DAI", select, lod };
    expect(rowsOf(await subject.ask(query)).map(([, , , unit]) => unit)).toEqual([
      "DAI",
      "MKR",
      "DAI",
    ]);
  });

  test("a dimension that a series does not have is a question mark, or leaves it out when a path is asked for", async () => {
    const all = { ...range, metrics: ["Mix"], select: { category: [] }, lod: { category: 1 } };
    expect(
      (await subject.ask(all))[0]?.rows.map((row) => row.dimensions["category"]?.path),
    ).toEqual(["hr", "hr", "?", "it"]);
    const one = { ...all, select: { category: ["it"] } };
    expect((await subject.ask(one))[0]?.rows.map(({ value }) => value)).toEqual([8]);
  });

  test("levels of detail cut paths, and fill up short ones", async () => {
    const grouped = async (level: number | null) =>
      (
        await subject.ask({
          ...{ ...range, metrics: ["Mix"], currency: "DAI" },
          ...{ select: { project: [] }, lod: { project: level } },
        })
      )[0]?.rows.map((row) => [row.dimensions["project"]?.path, row.value]);
    expect(await grouped(null)).toEqual([["", 22]]);
    expect(await grouped(1)).toEqual([["a", 22]]);
    expect(await grouped(2)).toEqual([
      ["a/b", 10],
      ["a/*", 4],
      ["a/bc", 8],
    ]);
    expect(await grouped(3)).toEqual([
      ["a/b/c", 10],
      ["a/*/*", 4],
      ["a/bc/*", 8],
    ]);
  });

  test("a metric is found however it is written, and answered as it was", async () => {
    const query = { ...range, metrics: ["mixftes"], select: { project: [] } };
    expect((await subject.ask(query))[0]?.rows.map(({ metric }) => metric)).toEqual(["MixFTEs"]);
  });

  test("a streamed answer is the same", async () => {
    const query = toSeriesQuery({
      ...range,
      metrics: ["Mix"],
      select,
      lod,
      granularity: "monthly",
    });
    const answer = await subject.client.query({ query });
    expect(await streamedAnswer(subject.client.streamQuery({ query }))).toEqual(answer);
  });

  test("dimensions come with all their paths, and what is said of them", async () => {
    await subject.add([
      {
        ...{ source, start, metric: "Mix", unit: "DAI", value: 0 },
        dimensions: dimensions("a/b/c", "hr"),
        dimensionMetadata: { path: "a/b/c", label: "C", icon: "c.svg", description: "The third" },
      },
    ]);
    const grouped = await groupedDimensions(subject.client);
    const project = grouped.find(({ name }) => name === "project");
    expect(project?.values.map(({ path }) => path)).toEqual(["a", "a/b/c", "a/b/d", "a/bc"]);
    expect(project?.values[1]).toEqual({
      path: "a/b/c",
      label: "C",
      icon: "c.svg",
      description: "The third",
    });
  });
});

const rowsOf = (periods: readonly GroupedPeriod[]) =>
  periods[0]?.rows.map(({ dimensions, metric, unit, value }) => [
    dimensions["project"]?.path,
    dimensions["category"]?.path,
    ...[metric, unit, value],
  ]) ?? [];
