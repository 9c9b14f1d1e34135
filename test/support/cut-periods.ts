import type { CalendarUnit } from "../../src/analytics/calendar-unit.ts";
import { cutIntoPeriods, type PeriodUnit } from "../../src/analytics/periods.ts";
import { TimeZone } from "../../src/analytics/time-zone.ts";

export const monthly: CalendarUnit = { months: 1 };
export const quarterly: CalendarUnit = { months: 3 };
export const annual: CalendarUnit = { months: 12 };
export const weekly: CalendarUnit = { days: 7, weekStart: 1 };
export const daily: CalendarUnit = { days: 1 };
export const units: readonly PeriodUnit[] = [
  ...["total" as const, annual, { months: 6 } as const, quarterly, monthly, weekly],
  ...[{ days: 7, weekStart: 0 } as const, { days: 7, weekStart: 6 } as const, daily],
  "hour",
];

export function zoneOf(name: string): TimeZone {
  const zone = TimeZone.find(name);
  if (zone === undefined) throw new Error(`there is no zone ${name}`);
  return zone;
}

/** The periods in short: each with its label and where it begins, and where the last one ends. */
export function cut(
  unit: PeriodUnit,
  [from, to]: readonly [from: string, to: string],
  zone = "UTC",
): string[] {
  const range = { from: Date.parse(from), to: Date.parse(to), unit, zone: zoneOf(zone) };
  const { boundaries, labels } = cutIntoPeriods(range, 100_000);
  const starts = [...boundaries].map((at) => new Date(at).toISOString().replace(/:00\.000Z$/, ""));
  return starts.map((start, index) => `${labels[index] ?? "end"} ${start}`);
}
