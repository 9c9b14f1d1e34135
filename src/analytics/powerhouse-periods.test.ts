import { describe, expect, test } from "vitest";
import { annual, cut, daily, monthly, quarterly, zoneOf } from "../../test/support/cut-periods.ts";
import { hourMs } from "./calendar-unit.ts";
import { cutIntoPeriods } from "./periods.ts";

describe("the bugs of Powerhouse's engine", () => {
  test("a quarter that a range begins in ends with the calendar's quarter, in March, June and September too", () => {
    for (const [month, label, next] of [
      ["03", "2024/Q1", "2024/Q2 2024-04-01T00:00"],
      ["06", "2024/Q2", "2024/Q3 2024-07-01T00:00"],
      ["09", "2024/Q3", "2024/Q4 2024-10-01T00:00"],
    ]) {
      expect(cut(quarterly, [`2024-${month}-01T00:00Z`, "2025-01-01T00:00Z"]).slice(0, 2)).toEqual([
        `${label} 2024-${month}-01T00:00`,
        next,
      ]);
    }
  });

  test("a range that ends within a day has that day apart from the one before", () => {
    expect(cut(daily, ["2024-01-01T00:00Z", "2024-01-03T12:00Z"])).toEqual([
      "2024/01/01 2024-01-01T00:00",
      "2024/01/02 2024-01-02T00:00",
      "2024/01/03 2024-01-03T00:00",
      "end 2024-01-03T12:00",
    ]);
  });

  test("hours do not drift: after a year they still begin on the hour", () => {
    const range = { from: Date.UTC(2024, 0), to: Date.UTC(2025, 0), zone: zoneOf("UTC") };
    const { boundaries } = cutIntoPeriods({ ...range, unit: "hour" }, 100_000);
    expect(boundaries).toHaveLength(366 * 24 + 1);
    expect([...boundaries].every((at) => at % hourMs === 0)).toBe(true);
  });

  test("hours are the clock's, not those since the start of the range", () => {
    expect(cut("hour", ["2024-01-01T00:30Z", "2024-01-01T02:15Z"])).toEqual([
      "2024/01/01/00 2024-01-01T00:30",
      "2024/01/01/01 2024-01-01T01:00",
      "2024/01/01/02 2024-01-01T02:00",
      "end 2024-01-01T02:15",
    ]);
  });

  test("years and months are the calendar's and end where the range does", () => {
    const range = ["2023-07-15T00:00Z", "2024-02-10T00:00Z"] as const;
    expect(cut(annual, range)).toEqual([
      "2023 2023-07-15T00:00",
      "2024 2024-01-01T00:00",
      "end 2024-02-10T00:00",
    ]);
    expect(cut(monthly, range).at(-2)).toBe("2024/02 2024-02-01T00:00");
  });

  test("labels are of the zone that was asked for, and it makes no period too many", () => {
    expect(cut(annual, ["2023-01-01T05:00Z", "2024-01-01T05:00Z"], "America/New_York")).toEqual([
      "2023 2023-01-01T05:00",
      "end 2024-01-01T05:00",
    ]);
  });

  test("the second half of a year begins with July, and the first ends at its first instant", () => {
    expect(cut({ months: 6 }, ["2024-01-01T00:00Z", "2025-01-01T00:00Z"])).toEqual([
      "2024/H1 2024-01-01T00:00",
      "2024/H2 2024-07-01T00:00",
      "end 2025-01-01T00:00",
    ]);
  });
});
