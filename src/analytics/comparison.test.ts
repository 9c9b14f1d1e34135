import { create, type MessageInitShape } from "@bufbuild/protobuf";
import fc from "fast-check";
import { expect, test } from "vitest";
import { ComparisonSchema, Granularity } from "#gen/tiffin/analytics/v1/query_pb.ts";
import { annual, daily, monthly, units, zoneOf } from "../../test/support/cut-periods.ts";
import { propertyParameters } from "../../test/support/property.ts";
import { comparedRange } from "./comparison.ts";
import { cutIntoPeriods, type PeriodUnit } from "./periods.ts";

type Init = NonNullable<MessageInitShape<typeof ComparisonSchema>["range"]>;
const previous: Init = { case: "previous", value: true };
const back = (count: number, unit: Granularity): Init => ({ case: "back", value: { count, unit } });

interface Put {
  readonly unit?: PeriodUnit;
  readonly zone?: string;
  readonly boundary?: "left_open" | "right_open";
}

/** The range beside, in short, and before which instant its series begin, where that is not its end. */
function beside(range: Init, [from, to]: readonly [string, string], put: Put = {}): string[] {
  const { unit = monthly, boundary = "right_open" } = put;
  const zone = zoneOf(put.zone ?? "UTC");
  const own = { from: Date.parse(from), to: Date.parse(to), before: Date.parse(to) };
  const periods = cutIntoPeriods({ ...own, unit, zone }, 1e6).labels.length;
  const comparison = create(ComparisonSchema, { range });
  const found = comparedRange(comparison, { range: own, unit, zone, boundary, periods });
  const ends = [found.from, found.to, ...(found.before === found.to ? [] : [found.before])];
  return ends.map((at) => new Date(at).toISOString().replace(/(T00:00)?:00\.000Z$/, ""));
}

test("the range before a whole number of periods has as many", () => {
  expect(beside(previous, ["2024-01-01", "2024-04-01"])).toEqual(["2023-10-01", "2024-01-01"]);
  expect(beside(previous, ["2024-03-01", "2024-04-01"], { unit: daily })).toEqual([
    "2024-01-30",
    "2024-03-01",
  ]);
});

test("the range before one that begins within a period is cut there, and has as many as well", () => {
  expect(beside(previous, ["2024-01-15", "2024-03-15"])).toEqual(["2023-11-01", "2024-01-15"]);
  expect(beside(previous, ["2024-01-15", "2024-01-20"])).toEqual(["2024-01-01", "2024-01-15"]);
});

test("the range before a total is as long", () => {
  expect(beside(previous, ["2024-03-01", "2024-03-11"], { unit: "total" })).toEqual([
    "2024-02-20",
    "2024-03-01",
  ]);
});

test("what begins where the range does is in the one before, if the range is open there", () => {
  expect(beside(previous, ["2024-02-01", "2024-03-01"], { boundary: "left_open" })).toEqual([
    "2024-01-01",
    "2024-02-01",
    "2024-02-01T00:00:00.001Z",
  ]);
});

test("a range further back is the same by the calendar, in its zone", () => {
  expect(beside(back(1, Granularity.ANNUAL), ["2024-02-01", "2024-03-01"])).toEqual([
    "2023-02-01",
    "2023-03-01",
  ]);
  expect(beside(back(2, Granularity.SEMIANNUAL), ["2024-02-29", "2024-03-01"])).toEqual([
    "2023-02-28",
    "2023-03-01",
  ]);
  expect(beside(back(1, Granularity.QUARTERLY), ["2024-05-01", "2024-06-01"])).toEqual([
    "2024-02-01",
    "2024-03-01",
  ]);
  expect(beside(back(1, Granularity.WEEKLY), ["2024-05-08", "2024-05-09"])).toEqual([
    "2024-05-01",
    "2024-05-02",
  ]);
  const zone = { zone: "Europe/Berlin" };
  const range = ["2024-03-31T22:00Z", "2024-04-01T22:00Z"] as const;
  expect(beside(back(1, Granularity.DAILY), range, zone)).toEqual([
    "2024-03-30T23:00",
    "2024-03-31T22:00",
  ]);
  expect(beside(back(24, Granularity.HOURLY), range, zone)).toEqual([
    "2024-03-30T22:00",
    "2024-03-31T22:00",
  ]);
});

test("a range of days that the earlier month does not have is empty", () => {
  expect(beside(back(1, Granularity.MONTHLY), ["2023-03-30", "2023-03-31"])).toEqual([
    "2023-02-28",
    "2023-02-28",
  ]);
});

test("what would reach back before the year 1 is refused by its field", () => {
  const range = ["0002-01-01", "0003-01-01"] as const;
  expect(() => beside(back(2, Granularity.ANNUAL), range)).toThrowError(
    "query.compare.back.count: reaches back before the year 1",
  );
  expect(() => beside(previous, ["0001-01-01", "0002-01-01"], { unit: annual })).toThrowError(
    "query.compare.previous: reaches back before the year 1",
  );
  expect(beside(back(1, Granularity.ANNUAL), range)).toEqual(["0001-01-01", "0002-01-01"]);
});

test("the range before has as many periods as the range, in any zone", () => {
  fc.assert(
    fc.property(
      fc.constantFrom(...units),
      fc.constantFrom("UTC", "Europe/Berlin", "America/St_Johns", "Australia/Lord_Howe"),
      fc.integer({ min: Date.UTC(1950, 0), max: Date.UTC(2050, 0) }),
      fc.integer({ min: 1, max: 200 * 86_400_000 }),
      (...[unit, name, from, lengthMs]) => {
        const zone = zoneOf(name);
        const range = { from, to: from + lengthMs, before: from + lengthMs };
        const periods = cutIntoPeriods({ ...range, unit, zone }, 1e6).labels.length;
        const comparison = create(ComparisonSchema, { range: previous });
        const of = { range, unit, zone, boundary: "right_open", periods } as const;
        const found = comparedRange(comparison, of);
        expect(found.to).toBe(from);
        expect(cutIntoPeriods({ ...found, unit, zone }, 1e6).labels).toHaveLength(periods);
      },
    ),
    propertyParameters(),
  );
});
