import { expect, test } from "vitest";
import { calendarPeriod } from "./calendar-period.ts";

const between = (from: string, to: string): { from: number; to: number } => ({
  from: Date.parse(from),
  to: Date.parse(to),
});

test.each([
  ["2024-02-29T23:59:59.999Z", "hourly", "2024-02-29T23:00:00Z", "2024-03-01T00:00:00Z"],
  ["2024-03-01T00:00:00Z", "daily", "2024-03-01T00:00:00Z", "2024-03-02T00:00:00Z"],
  ["2024-12-31T12:00:00Z", "monthly", "2024-12-01T00:00:00Z", "2025-01-01T00:00:00Z"],
  ["1969-12-31T23:30:00Z", "hourly", "1969-12-31T23:00:00Z", "1970-01-01T00:00:00Z"],
  ["0001-01-01T00:00:00Z", "monthly", "0001-01-01T00:00:00Z", "0001-02-01T00:00:00Z"],
  ["0099-05-05T05:05:05Z", "monthly", "0099-05-01T00:00:00Z", "0099-06-01T00:00:00Z"],
] as const)("%s is in the %s period from %s to %s", (at, period, ...[from, to]) => {
  expect(calendarPeriod(Date.parse(at), period)).toEqual(between(from, to));
});
