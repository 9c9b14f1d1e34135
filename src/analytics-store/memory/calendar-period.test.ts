import { expect, test } from "vitest";
import { calendarPeriod } from "./calendar-period.ts";

const between = (from: string, to: string): { from: number; to: number } => ({
  from: Date.parse(from),
  to: Date.parse(to),
});

test.each([
  {
    at: "2024-02-29T23:59:59.999Z",
    period: "hourly",
    from: "2024-02-29T23:00:00Z",
    to: "2024-03-01T00:00:00Z",
  },
  {
    at: "2024-03-01T00:00:00Z",
    period: "daily",
    from: "2024-03-01T00:00:00Z",
    to: "2024-03-02T00:00:00Z",
  },
  {
    at: "2024-12-31T12:00:00Z",
    period: "monthly",
    from: "2024-12-01T00:00:00Z",
    to: "2025-01-01T00:00:00Z",
  },
  {
    at: "1969-12-31T23:30:00Z",
    period: "hourly",
    from: "1969-12-31T23:00:00Z",
    to: "1970-01-01T00:00:00Z",
  },
  {
    at: "0001-01-01T00:00:00Z",
    period: "monthly",
    from: "0001-01-01T00:00:00Z",
    to: "0001-02-01T00:00:00Z",
  },
  {
    at: "0099-05-05T05:05:05Z",
    period: "monthly",
    from: "0099-05-01T00:00:00Z",
    to: "0099-06-01T00:00:00Z",
  },
] as const)("$at is in the $period period from $from to $to", ({ at, period, from, to }) => {
  expect(calendarPeriod(Date.parse(at), period)).toEqual(between(from, to));
});
