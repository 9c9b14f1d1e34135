import type { RetentionRule, RollupPeriod } from "../analytics-store.ts";
import type { RollupParts } from "../series.ts";
import { partsOf, type Row } from "./row.ts";

/** When the period of the UTC calendar begins that the instant is in. */
export function startOfPeriod(at: number, period: RollupPeriod): number {
  switch (period) {
    case "hourly":
      return at - modulo(at, hourMs);
    case "daily":
      return at - modulo(at, dayMs);
    case "monthly": {
      const day = at - modulo(at, dayMs);
      return day - (new Date(day).getUTCDate() - 1) * dayMs;
    }
  }
}

/** Of the rule's rows, by start, those that are not kept. */
export function passedRows(
  rows: readonly Row[],
  { ageMs, count = 0 }: RetentionRule,
  now: number,
): readonly Row[] {
  if (ageMs !== undefined) return rows.filter(({ start }) => start < now - ageMs);
  return rows.toSorted(rollupsFirst).slice(0, Math.max(0, rows.length - count));
}

/** What is rolled up together: by source, cell and period those that go, and the rollups that are there. A rollup alone stays as it is. */
export function rollupPlaces(
  rows: readonly Row[],
  goes: ReadonlySet<Row>,
  placeOf: (row: Row) => string,
): Row[][] {
  const places = new Map<string, Row[]>();
  for (const row of rows) {
    if (!goes.has(row) && !isRollup(row)) continue;
    const place = placeOf(row);
    const there = places.get(place);
    if (there === undefined) places.set(place, [row]);
    else there.push(row);
  }
  return [...places.values()].filter(
    (there) =>
      there.some((row) => goes.has(row)) && !(there.length === 1 && isRollup(there[0] as Row)),
  );
}

/** One in place of several: their sum, at the start of the last. */
export function merged(
  rows: readonly Row[],
): Pick<Row, "start" | "value"> & { readonly parts: RollupParts } {
  const parts = rows.map(partsOf);
  const last = rows.reduce((a, b) => ((b.start - a.start || b.id - a.id) > 0 ? b : a));
  const first = rows.reduce((a, b) => (startsFirst(b, a) ? b : a));
  return {
    start: last.start,
    value: rows.reduce((sum, { value }) => sum + value, 0),
    parts: {
      count: parts.reduce((sum, { count }) => sum + count, 0),
      firstStart: partsOf(first).firstStart,
      min: parts.reduce((least, { min }) => Math.min(least, min), Number.POSITIVE_INFINITY),
      max: parts.reduce((most, { max }) => Math.max(most, max), Number.NEGATIVE_INFINITY),
      first: partsOf(first).first,
      last: partsOf(last).last,
    },
  };
}

const startsFirst = (a: Row, b: Row): boolean =>
  (partsOf(a).firstStart - partsOf(b).firstStart || a.id - b.id) < 0;

/**
 * Of what begins at one instant a rollup counts as earlier: it is made of what was before those that were kept. Its id is later than theirs, and by
 * it they would go the next time.
 */
const rollupsFirst = (a: Row, b: Row): number =>
  a.start - b.start || Number(isRollup(b)) - Number(isRollup(a)) || a.id - b.id;

export const isRollup = ({ extra }: Row): boolean => extra?.parts !== undefined;

const modulo = (dividend: number, divisor: number): number =>
  ((dividend % divisor) + divisor) % divisor;

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;
