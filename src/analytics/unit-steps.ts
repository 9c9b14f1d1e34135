import { type CalendarUnit, hourMs, startOfUnit } from "./calendar-unit.ts";
import { cutIntoPeriods, type PeriodUnit } from "./periods.ts";
import type { TimeZone } from "./time-zone.ts";

/** The units of a zone's calendar, one after the other. */
export type SteppedUnit = Exclude<PeriodUnit, "total">;

export interface Steps {
  readonly unit: SteppedUnit;
  readonly zone: TimeZone;
}

/** Where the unit begins that the instant lies in. */
export function unitStart({ unit, zone }: Steps, at: number): number {
  if (unit === "hour") return hourStarts(zone, at - hourMs, at + 1).at(-1) as number;
  return zone.firstAt(localUnitOf(unit, zone, at));
}

/** Where the unit ends that the instant lies in: where the next one begins. */
export function unitEnd({ unit, zone }: Steps, at: number): number {
  if (unit === "hour") return hourStarts(zone, at, at + hourMs + 1)[1] as number;
  return zone.firstAt(startOfUnit(unit, localUnitOf(unit, zone, at), 1));
}

/** Where the unit begins that lies so many before the one that begins there. */
export function unitsBefore({ unit, zone }: Steps, start: number, count: number): number {
  if (count === 0) return start;
  if (unit !== "hour") {
    return zone.firstAt(startOfUnit(unit, localUnitOf(unit, zone, start), -count));
  }
  // No hour is longer than an hour, so that there are as many at least; if there are more, the first ones go.
  const starts = hourStarts(zone, start - count * hourMs, start);
  return starts[starts.length - count] as number;
}

/** The local start of the unit. The clock may show one that is over, having been put back. */
function localUnitOf(unit: CalendarUnit, zone: TimeZone, at: number): number {
  const shown = startOfUnit(unit, zone.localAt(at));
  const next = startOfUnit(unit, shown, 1);
  return zone.firstAt(next) <= at ? next : shown;
}

const hourStarts = (zone: TimeZone, from: number, to: number): Float64Array =>
  cutIntoPeriods({ from, to, unit: "hour", zone }, Number.POSITIVE_INFINITY).boundaries.subarray(
    0,
    -1,
  );
