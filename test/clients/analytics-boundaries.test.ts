/** Values and sums in time, as users of Powerhouse's analytics engine know them, and as Tiffin counts by itself. */
import { DateTime } from "luxon";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { AnalyticsQuery } from "../../gen/typescript/lib/analytics-query.ts";
import type { GroupedPeriod } from "../../gen/typescript/lib/grouped-periods.ts";
import { type AnalyticsSubject, openAnalyticsSubject } from "./analytics-subject.ts";

let subject: AnalyticsSubject;

beforeAll(async () => {
  subject = await openAnalyticsSubject();
});
afterAll(() => subject.stop());

describe("a salary paid and earned over years", () => {
  const metric = "Salary";
  const query = { metrics: [metric], select: { budget: ["atlas"] }, lod: { budget: 1 } };

  beforeAll(() =>
    subject.add([
      { ...payment(metric, 20_000), start: DateTime.utc(2020, 6, 1) },
      { ...payment(metric, 10_000), start: DateTime.utc(2021, 3, 1) },
      { ...payment(metric, 5_000), start: DateTime.utc(2022, 1, 1) },
      { ...payment(metric, 700), start: DateTime.utc(2023, 1, 1) },
    ]),
  );

  const range = { start: DateTime.utc(2021), end: DateTime.utc(2024) };

  test("in total: what changes in the range, and all that ever came before", async () => {
    const [period, ...others] = await subject.ask({ ...query, ...range, granularity: "total" });
    expect(others).toEqual([]);
    expect(period).toMatchObject({ period: "total", rows: [{ value: 15_700, sum: 35_700 }] });
  });

  test("by year, what happens at midnight of New Year counts in the year that ends there", async () => {
    const periods = await subject.ask({ ...query, ...range, granularity: "annual" });
    expect(labelled(periods)).toEqual([
      ["2021", 15_000, 35_000],
      ["2022", 700, 35_700],
      ["2023", 0, 35_700],
    ]);
  });

  test("by year and right open, it counts in the year that begins there", async () => {
    const periods = await subject.askRightOpen({ ...query, ...range, granularity: "annual" });
    expect(labelled(periods)).toEqual([
      ["2021", 10_000, 30_000],
      ["2022", 5_000, 35_000],
      ["2023", 700, 35_700],
    ]);
  });

  test("without an end, up to the last of them, which is in", async () => {
    const open = { ...query, start: DateTime.utc(2021), end: null };
    for (const asked of [subject.ask, subject.askRightOpen]) {
      const [period] = await asked({ ...open, granularity: "total" });
      expect(period?.rows).toMatchObject([{ value: 15_700, sum: 35_700 }]);
    }
  });

  test("without a beginning, from the first of them, which the engine counts as there before", async () => {
    const open = { ...query, start: null, end: DateTime.utc(2024), granularity: "total" } as const;
    expect((await subject.ask(open))[0]).toMatchObject({
      start: new Date("2020-06-01T00:00:00Z"),
      rows: [{ value: 15_700, sum: 35_700 }],
    });
    expect((await subject.askRightOpen(open))[0]?.rows).toMatchObject([
      { value: 35_700, sum: 35_700 },
    ]);
  });
});

describe("a DssVest with a cliff", () => {
  const metric = "Vest";
  const query: AnalyticsQuery = {
    start: DateTime.utc(2023),
    end: DateTime.utc(2024),
    granularity: "monthly",
    metrics: [metric],
    select: { budget: [] },
    lod: { budget: 1 },
  };
  const vest = {
    ...payment(metric, 365),
    start: DateTime.utc(2023),
    end: DateTime.utc(2024),
    fn: "DssVest",
  };

  beforeAll(() => subject.add([{ ...vest, params: { cliff: "2023-11-01T00:00:00Z" } }]));

  test("has nothing before the cliff, at once what has accrued by then, and then so much a day", async () => {
    const periods = await subject.askRightOpen(query);
    expect(periods.map(({ rows }) => rows[0]?.value)).toEqual(
      [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 334, 31].map((value) => expect.closeTo(value, 9)),
    );
    expect(periods[11]?.rows[0]?.sum).toBeCloseTo(365, 9);
  });

  test("is released in the month that ends with the cliff, as the engine counts", async () => {
    const periods = await subject.ask(query);
    expect(periods.map(({ rows }) => rows[0]?.value)).toEqual(
      [0, 0, 0, 0, 0, 0, 0, 0, 0, 304, 30, 31].map((value) => expect.closeTo(value, 9)),
    );
  });

  test("in the middle of it, sums go on from what has accrued before the range", async () => {
    const range = { start: DateTime.utc(2023, 12), end: DateTime.utc(2023, 12, 4) };
    const periods = await subject.ask({ ...query, ...range, granularity: "daily" });
    expect(labelled(periods)).toEqual(
      [1, 2, 3].map((day) => [
        `2023/12/0${day}`,
        expect.closeTo(1, 9),
        expect.closeTo(334 + day, 9),
      ]),
    );
  });
});

describe("boundaries of months", () => {
  const metric = "Edges";
  const query: AnalyticsQuery = {
    start: DateTime.utc(2024, 1),
    end: DateTime.utc(2024, 4),
    granularity: "monthly",
    metrics: [metric],
    select: { budget: [] },
    lod: { budget: 1 },
  };
  const values: [string, number][] = [
    ["2023-05-05T00:00:00Z", 100],
    ["2024-01-01T00:00:00Z", 1],
    ["2024-01-15T00:00:00Z", 2],
    ["2024-02-01T00:00:00Z", 4],
    ["2024-03-31T23:59:59.999Z", 8],
    ["2024-04-01T00:00:00Z", 16],
  ];

  beforeAll(() =>
    subject.add(values.map(([at, value]) => ({ ...payment(metric, value), start: new Date(at) }))),
  );

  test("left open: what lies on one counts before it, and what begins at the end of the range does not", async () => {
    expect(labelled(await subject.ask(query))).toEqual([
      ["2024/01", 6, 107],
      ["2024/02", 0, 107],
      ["2024/03", 8, 115],
    ]);
  });

  test("right open: what lies on one counts after it", async () => {
    expect(labelled(await subject.askRightOpen(query))).toEqual([
      ["2024/01", 3, 103],
      ["2024/02", 4, 107],
      ["2024/03", 8, 115],
    ]);
  });
});

function payment(metric: string, value: number) {
  return {
    source: "test/analytics",
    metric,
    value,
    unit: "DAI",
    dimensions: { budget: "atlas/a" },
  };
}

const labelled = (periods: readonly GroupedPeriod[]) =>
  periods.map(({ period, rows }) => [period, rows[0]?.value, rows[0]?.sum]);
