import type { Boundary } from "../../src/analytics-store/analytics-store.ts";
import type { NaiveRow } from "./naive-row.ts";

/**
 * How much of the series there is on the boundary between two periods: with what happens at that very instant if that belongs to the period before it
 * (`left_open`), without it otherwise.
 */
export function valueAt(row: NaiveRow, instant: number, boundary: Boundary): number {
  const isBefore = (other: number): boolean =>
    boundary === "left_open" ? instant < other : instant <= other;
  const { start, end = start, cliff = start, value } = row;
  if (isBefore(start)) return 0;
  if (row.fn !== "DssVest") return value;
  if (isBefore(cliff)) return 0;
  return instant >= end ? value : value * ((instant - start) / (end - start));
}

/** Whether a series that begins at this instant begins in the period. */
export const isWithinPeriod = (
  instant: number,
  [from, to]: readonly [number, number],
  boundary: Boundary,
): boolean =>
  boundary === "left_open" ? from < instant && instant <= to : from <= instant && instant < to;
