import { DateTime } from "luxon";
import { describe, expect, test } from "vitest";
import {
  annual,
  cut,
  daily,
  monthly,
  quarterly,
  units,
  weekly,
  zoneOf,
} from "../../test/support/cut-periods.ts";
import { cutIntoPeriods, type PeriodUnit } from "./periods.ts";

describe("labels", () => {
  const range = ["2024-01-31T23:00Z", "2024-02-01T00:30Z"] as const;
  const rows: readonly [PeriodUnit, string[]][] = [
    ["total", ["total 2024-01-31T23:00", "end 2024-02-01T00:30"]],
    [annual, ["2024 2024-01-31T23:00", "end 2024-02-01T00:30"]],
    [{ months: 6 }, ["2024/H1 2024-01-31T23:00", "end 2024-02-01T00:30"]],
    [quarterly, ["2024/Q1 2024-01-31T23:00", "end 2024-02-01T00:30"]],
    [monthly, ["2024/01 2024-01-31T23:00", "2024/02 2024-02-01T00:00", "end 2024-02-01T00:30"]],
    [weekly, ["2024/W5 2024-01-31T23:00", "end 2024-02-01T00:30"]],
    [daily, ["2024/01/31 2024-01-31T23:00", "2024/02/01 2024-02-01T00:00", "end 2024-02-01T00:30"]],
    [
      "hour",
      ["2024/01/31/23 2024-01-31T23:00", "2024/02/01/00 2024-02-01T00:00", "end 2024-02-01T00:30"],
    ],
  ];
  test.each(rows)("of %j are as the contract says", (unit, periods) => {
    expect(cut(unit, range)).toEqual(periods);
  });

  test("weeks from Monday are those of ISO 8601", () => {
    const { boundaries, labels } = cutIntoPeriods(
      { from: Date.UTC(1990, 0), to: Date.UTC(2060, 0), unit: weekly, zone: zoneOf("UTC") },
      100_000,
    );
    expect(labels).toEqual(
      [...boundaries.subarray(0, -1)].map((at) => {
        const { weekYear, weekNumber } = DateTime.fromMillis(at, { zone: "UTC" });
        return `${weekYear}/W${weekNumber}`;
      }),
    );
  });

  test("a week is of the year that has most of its days, whatever day it starts on", () => {
    const range = ["2021-12-20T00:00Z", "2022-01-12T00:00Z"] as const;
    expect(cut({ days: 7, weekStart: 0 }, range)).toEqual([
      "2021/W51 2021-12-20T00:00",
      "2021/W52 2021-12-26T00:00",
      "2022/W1 2022-01-02T00:00",
      "2022/W2 2022-01-09T00:00",
      "end 2022-01-12T00:00",
    ]);
    expect(cut({ days: 7, weekStart: 6 }, range)[2]).toBe("2022/W1 2022-01-01T00:00");
  });

  test("years are of four digits at least, near and far", () => {
    expect(cut(annual, ["0099-06-01T00:00Z", "0101-01-02T00:00Z"])).toEqual([
      "0099 0099-06-01T00:00",
      "0100 0100-01-01T00:00",
      "0101 0101-01-01T00:00",
      "end 0101-01-02T00:00",
    ]);
    expect(cut(monthly, ["9999-11-30T00:00Z", "9999-12-31T00:00Z"], "Asia/Tokyo")).toEqual([
      "9999/11 9999-11-30T00:00",
      "9999/12 9999-11-30T15:00",
      "end 9999-12-31T00:00",
    ]);
    expect(cut(annual, ["0001-01-01T00:00Z", "0001-01-02T00:00Z"], "America/New_York")).toEqual([
      "0000 0001-01-01T00:00",
      "0001 0001-01-01T04:56:02.000Z",
      "end 0001-01-02T00:00",
    ]);
  });
});

describe("bounds", () => {
  const range = { from: Date.UTC(2024, 0), to: Date.UTC(2025, 0), zone: zoneOf("UTC") };

  test("as many periods as may be are made, and one more is refused with how many there would be", () => {
    expect(cutIntoPeriods({ ...range, unit: daily }, 366).labels).toHaveLength(366);
    for (const [unit, periods] of [
      [daily, 366],
      [monthly, 12],
      ["hour", 8784],
    ] as const) {
      expect(() => cutIntoPeriods({ ...range, unit }, periods - 1)).toThrowError(
        expect.objectContaining({
          kind: "limit_exceeded",
          details: expect.objectContaining({
            metadata: {
              limit: "analyticsPeriodsMax",
              max: String(periods - 1),
              actual: String(periods),
            },
          }),
        }),
      );
    }
  });

  test("hours of all the years there are refused before any is made", () => {
    const all = { from: -62_135_596_800_000, to: 253_402_300_799_999, zone: zoneOf("Asia/Gaza") };
    expect(() => cutIntoPeriods({ ...all, unit: "hour" }, 100_000)).toThrowError(
      /87649415 periods/,
    );
  });

  test("a range without length has no periods", () => {
    const none = { boundaries: new Float64Array(0), labels: [] };
    for (const unit of units) {
      expect(cutIntoPeriods({ ...range, to: range.from, unit }, 1)).toEqual(none);
    }
  });
});
