/** The worked example of docs/analytics.md is true: its tables are those that a server answers. */
import { DateTime } from "luxon";
import { afterAll, beforeAll, expect, test } from "vitest";
import { toSeriesQuery } from "../../gen/typescript/lib/analytics-query.ts";
import type { AnalyticsSeries } from "../../gen/typescript/lib/analytics-series.ts";
import { type GroupedPeriod, groupedPeriods } from "../../gen/typescript/lib/grouped-periods.ts";
import { textOf } from "../support/project-files.ts";
import { type AnalyticsSubject, openAnalyticsSubject } from "./analytics-subject.ts";

const text = textOf("docs/analytics.md");
let subject: AnalyticsSubject;

beforeAll(async () => {
  subject = await openAnalyticsSubject();
  await subject.add([
    at("2023-12-15", { path: "atlas/p1/t1", value: 100 }),
    at("2024-01-01", { path: "atlas/p1/t1", value: 1 }),
    at("2024-01-15", { path: "atlas/p1/t2", value: 2 }),
    at("2024-02-01", { path: "atlas/p2", value: 4 }),
    {
      ...at("2024-01-01", { path: "atlas/p2", value: 91 }),
      end: DateTime.fromISO("2024-04-01", { zone: "utc" }),
      fn: "DssVest",
      params: { cliff: "2024-02-15T00:00:00Z" },
    },
  ]);
});
afterAll(() => subject.stop());

const months = {
  start: DateTime.utc(2024),
  end: DateTime.utc(2024, 4),
  granularity: "monthly",
  metrics: ["Budget"],
  select: { project: [] },
  lod: { project: 2 },
} as const;

test("right open, by month", async () => {
  expect(text).toContain(tableOf("RIGHT_OPEN", await subject.askRightOpen(months)));
});

test("left open, by month", async () => {
  expect(text).toContain(tableOf("LEFT_OPEN", await subject.ask(months)));
});

test("levels of detail", async () => {
  for (const level of [0, 1, 2, 3]) {
    const query = { ...months, granularity: "total", lod: { project: level } } as const;
    expect(text).toContain(`| ${level} | ${sumsOf(await subject.ask(query))} |`);
  }
});

test("no level of detail: the paths as they are", async () => {
  const query = toSeriesQuery({ ...months, granularity: "total" });
  for (const selection of query.select) delete selection.levelOfDetail;
  const answer = await subject.client.query({ query });
  const sums = sumsOf([...groupedPeriods(answer)]);
  expect(text).toContain(`| absent | the paths as they are: ${sums} |`);
});

function at(day: string, { path, value }: { path: string; value: number }): AnalyticsSeries {
  const start = DateTime.fromISO(day, { zone: "utc" });
  return {
    source: "ledger",
    metric: "Budget",
    unit: "DAI",
    start,
    value,
    dimensions: { project: path },
  };
}

/** As the document has it. */
function tableOf(boundary: string, periods: readonly GroupedPeriod[]): string {
  const groups = periods[0]?.rows.map(({ dimensions }) => dimensions["project"]?.path) ?? [];
  const lines = groups.map((path, index) => {
    const cells = periods.flatMap(({ rows }) => [rows[index]?.value, rows[index]?.sum]);
    return `| \`${path}\` | ${cells.map(rounded).join(" | ")} |`;
  });
  const labels = periods.map(({ period }) => `${period} | `).join("| ");
  return [
    `| \`${boundary}\` | ${labels}|`,
    `| --- | ${periods.map(() => "--- | ---").join(" | ")} |`,
    `| group | ${periods.map(() => "value | sum").join(" | ")} |`,
    ...lines,
  ].join("\n");
}

function sumsOf([period]: readonly GroupedPeriod[]): string {
  const sums = period?.rows.map(({ dimensions, sum }) => {
    const path = dimensions["project"]?.path;
    return path === ""
      ? `one, with an empty path: ${rounded(sum)}`
      : `\`${path}\`: ${rounded(sum)}`;
  });
  return sums?.join(", ") ?? "";
}

/** What vests by the day is whole but for the last digits. */
const rounded = (number = Number.NaN): number => Math.round(number * 1e9) / 1e9;
