import type { RetentionRule, RollupPeriod } from "../../src/analytics-store/analytics-store.ts";
import { isAtOrBelow } from "./naive-matching.ts";
import { byFirst, byLast, byStart, type NaiveRow, partsOf } from "./naive-row.ts";

/** What a rule does: rows that go, and rows that come for them. */
export interface NaiveRetirement {
  readonly gone: readonly NaiveRow[];
  readonly rollups: readonly NaiveRow[];
}

export function retire(
  rows: readonly NaiveRow[],
  rule: RetentionRule,
  { now, nextId }: { readonly now: number; readonly nextId: number },
): NaiveRetirement {
  const of = rows.filter((row) => isOf(row, rule));
  const passed =
    rule.ageMs === undefined
      ? of.toSorted(byStart).slice(0, Math.max(0, of.length - (rule.count ?? 0)))
      : of.filter((row) => row.start < now - (rule.ageMs as number));
  // Rolled up, all of it would count at its start.
  const stays = (row: NaiveRow): boolean =>
    row.fn === "DssVest" && (rule.rollUp !== undefined || lasts(row, now));
  const gone = passed.filter((row) => row.start < now && !stays(row));
  if (rule.rollUp === undefined) return { gone, rollups: [] };
  return rollUp(gone, of, { period: rule.rollUp, nextId });
}

const isOf = (row: NaiveRow, { source, metric }: RetentionRule): boolean =>
  (source === undefined || isAtOrBelow(row.source, source)) &&
  (metric === undefined || row.metric === metric);

const lasts = ({ end, start }: NaiveRow, now: number): boolean => (end ?? start) > now;

function rollUp(
  going: readonly NaiveRow[],
  all: readonly NaiveRow[],
  { period, nextId }: { readonly period: RollupPeriod; readonly nextId: number },
): NaiveRetirement {
  const gone: NaiveRow[] = [];
  const rollups: NaiveRow[] = [];
  const placeOf = ({ source, metric, unit, dimensions, start }: NaiveRow): string =>
    JSON.stringify([source, metric, unit, dimensions, periodName(start, period)]);
  for (const place of new Set(going.map(placeOf))) {
    const merged = all.filter(
      (row) => placeOf(row) === place && (going.includes(row) || row.fn === "Rollup"),
    );
    if (merged.length === 1 && merged[0]?.fn === "Rollup") continue;
    gone.push(...merged);
    rollups.push(mergedRollup(merged, nextId + rollups.length));
  }
  return { gone, rollups };
}

const periodName = (start: number, period: RollupPeriod): string =>
  new Date(start).toISOString().slice(0, { hourly: -11, daily: -14, monthly: -17 }[period]);

function mergedRollup(rows: readonly NaiveRow[], id: number): NaiveRow {
  const parts = rows.map(partsOf);
  const last = rows.toSorted(byLast).at(-1) as NaiveRow;
  const first = partsOf(rows.toSorted(byFirst)[0] as NaiveRow);
  const merged = {
    count: parts.reduce((count, part) => count + part.count, 0),
    firstStart: first.firstStart,
    min: Math.min(...parts.map((part) => part.min)),
    max: Math.max(...parts.map((part) => part.max)),
    first: first.first,
    last: partsOf(last).last,
  };
  const value = rows.reduce((sum, row) => sum + row.value, 0);
  const { source, metric, unit, dimensions, start } = last;
  const alike = { source, metric, unit, dimensions, start };
  return {
    ...alike,
    ...{ id, value, fn: "Rollup", end: undefined, cliff: undefined },
    ...{ parts: merged, params: paramsOf(merged) },
  };
}

const paramsOf = ({ count, min, max, first, last }: ReturnType<typeof partsOf>) => ({
  ...{ count, min, max, first, last },
});
