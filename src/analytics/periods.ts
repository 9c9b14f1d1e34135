import { limitExceeded, TiffinError } from "../errors.ts";
import {
  type CalendarUnit,
  dayMs,
  hourMs,
  labelOfUnit,
  startOfUnit,
  suffixOfHour,
} from "./calendar-unit.ts";
import type { TimeZone } from "./time-zone.ts";

/** A range cut at the calendar's units: each period from one boundary to the next. */
export interface Periods {
  /** One more than there are periods; none where there are none. */
  readonly boundaries: Float64Array;
  readonly labels: readonly string[];
}

export type PeriodUnit = CalendarUnit | "hour" | "total";

export interface PeriodRange {
  readonly from: number;
  readonly to: number;
  readonly unit: PeriodUnit;
  readonly zone: TimeZone;
}

/** The periods of the range, the first and the last cut to it. Refuses more than `periodsMax`, before they are made. */
export function cutIntoPeriods(range: PeriodRange, periodsMax: number): Periods {
  const { from, to, unit } = range;
  if (from >= to) return { boundaries: new Float64Array(0), labels: [] };
  refuseOver(periodsMax, Math.floor((to - from) / longestMs(unit)));
  const cuts = unit === "total" ? { starts: [from], labels: ["total"] } : cutsOf(range);
  refuseOver(periodsMax, cuts.labels.length);
  return { boundaries: Float64Array.from([...cuts.starts, to]), labels: cuts.labels };
}

interface Cuts {
  readonly starts: number[];
  readonly labels: string[];
}

const cutsOf = (range: PeriodRange): Cuts =>
  range.unit === "hour" ? hoursOf(range) : unitsOf(range, range.unit as CalendarUnit);

function unitsOf({ from, to, zone }: PeriodRange, unit: CalendarUnit): Cuts {
  const cuts: Cuts = { starts: [], labels: [] };
  const first = zone.localAt(from);
  for (let later = 0; ; later++) {
    const local = startOfUnit(unit, first, later);
    const at = zone.firstAt(local);
    if (at >= to) return cuts;
    // Where the clock was put back beyond its start, the unit before begins in the range as well; a day that was left out begins with the next.
    if (cuts.starts.length > 0 && at <= (cuts.starts.at(-1) as number)) {
      cuts.starts.pop();
      cuts.labels.pop();
    }
    cuts.starts.push(Math.max(at, from));
    cuts.labels.push(labelOfUnit(unit, local));
  }
}

/** Cut where the local clock shows a whole hour, and where it is put on or back. */
function hoursOf({ from, to, zone }: PeriodRange): Cuts {
  const cuts: Cuts = { starts: [], labels: [] };
  let day = { start: Number.NaN, label: "" };
  for (const stretch of zone.stretches(from, to)) {
    const { offset } = stretch;
    for (let at = stretch.from; at < stretch.to; ) {
      const hour = Math.floor((at + offset) / hourMs) * hourMs;
      const start = startOfUnit(oneDay, hour);
      if (start !== day.start) day = { start, label: labelOfUnit(oneDay, start) };
      cuts.starts.push(at);
      cuts.labels.push(day.label + suffixOfHour(zone, hour, offset));
      at = hour + hourMs - offset;
    }
  }
  return cuts;
}

const oneDay: CalendarUnit = { days: 1 };

function refuseOver(max: number, actual: number): void {
  if (actual <= max) return;
  const { details } = limitExceeded("analyticsPeriodsMax", max, actual);
  throw new TiffinError(
    "limit_exceeded",
    `the range has ${actual} periods, and ${max} are the most: ask for a shorter one, or a coarser granularity`,
    details,
  );
}

/** No unit is longer: a count made with it is never more than there are. */
function longestMs(unit: PeriodUnit): number {
  if (unit === "total") return Number.POSITIVE_INFINITY;
  if (unit === "hour") return hourMs;
  if ("months" in unit) return unit.months * 31 * dayMs + hourMs;
  return unit.days * dayMs + hourMs;
}
