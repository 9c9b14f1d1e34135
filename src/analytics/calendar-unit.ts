import type { TimeZone } from "./time-zone.ts";

/** What local calendars are cut into, but for hours, which are cut by offsets too. Instants here are local ones, as `TimeZone` has them. */
export type CalendarUnit =
  | { readonly months: 1 | 3 | 6 | 12 }
  /** 0: weeks start on Sunday. */
  | { readonly days: 7; readonly weekStart: number }
  | { readonly days: 1 };

/** The start of the unit that the local instant lies in, and of those so many later or earlier. */
export function startOfUnit(unit: CalendarUnit, local: number, later = 0): number {
  if ("months" in unit) {
    const date = new Date(local);
    const months = date.getUTCFullYear() * 12 + date.getUTCMonth();
    return startOfMonth((Math.floor(months / unit.months) + later) * unit.months);
  }
  const day = Math.floor(local / dayMs);
  if (!("weekStart" in unit)) return (day + later) * dayMs;
  // The first of January 1970 was a Thursday.
  const intoWeek = modulo(day + thursday - unit.weekStart, 7);
  return (day - intoWeek + later * 7) * dayMs;
}

/** The name of the unit that starts there. */
export function labelOfUnit(unit: CalendarUnit, start: number): string {
  if ("weekStart" in unit) return labelOfWeek(start);
  const date = new Date(start);
  const year = fourDigits(date.getUTCFullYear());
  const month = date.getUTCMonth();
  if (!("months" in unit)) return `${year}/${twoDigits(month + 1)}/${twoDigits(date.getUTCDate())}`;
  switch (unit.months) {
    case 1:
      return `${year}/${twoDigits(month + 1)}`;
    case 3:
      return `${year}/Q${month / 3 + 1}`;
    case 6:
      return `${year}/H${month / 6 + 1}`;
    case 12:
      return year;
  }
}

/** Of the year that has most of the week's days: that of its fourth. */
function labelOfWeek(start: number): string {
  const middle = start + 3 * dayMs;
  const year = new Date(middle).getUTCFullYear();
  const dayOfYear = Math.floor((middle - startOfMonth(year * 12)) / dayMs);
  return `${fourDigits(year)}/W${Math.floor(dayOfYear / 7) + 1}`;
}

/** What is put behind the name of a day for an hour of it: with the offset, unless the zone has but one. */
export function suffixOfHour(zone: TimeZone, local: number, offset: number): string {
  const hour = `/${twoDigits(Math.floor(modulo(local, dayMs) / hourMs))}`;
  return zone.isFixed ? hour : hour + textOfOffset(offset);
}

function textOfOffset(offset: number): string {
  const seconds = Math.abs(offset) / 1000;
  const [hours, minutes] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60];
  const text = `${offset < 0 ? "-" : "+"}${twoDigits(hours)}:${twoDigits(minutes)}`;
  return seconds % 60 === 0 ? text : `${text}:${twoDigits(seconds % 60)}`;
}

/** Months are counted from January of the year 0. `Date.UTC` takes the years 0 to 99 for those of the 20th century. */
const startOfMonth = (months: number): number =>
  Date.UTC(fourCenturies + Math.floor(months / 12), modulo(months, 12)) - fourCenturiesMs;

const modulo = (number: number, by: number): number => ((number % by) + by) % by;
const twoDigits = (number: number): string => (number < 10 ? `0${number}` : `${number}`);
const fourDigits = (number: number): string => String(number).padStart(4, "0");

export const hourMs = 3_600_000;
export const dayMs = 86_400_000;
const thursday = 4;
/** After which the calendar repeats itself. */
const fourCenturies = 400;
const fourCenturiesMs = 146_097 * dayMs;
