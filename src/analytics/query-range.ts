import type { RelativeRange, SeriesQuery } from "#gen/tiffin/analytics/v1/query_pb.ts";
import type { Boundary, Span } from "../analytics-store/analytics-store.ts";
import { invalidField } from "../errors.ts";
import { timestampToMs } from "../timestamp.ts";
import { toSteppedUnit } from "./granularity.ts";
import type { TimeZone } from "./time-zone.ts";
import { unitEnd, unitStart, unitsBefore } from "./unit-steps.ts";

/** A range as engines are asked for it. */
export interface QueryRange {
  readonly from: number;
  readonly to: number;
  /** Series that begin here or later are not looked at. */
  readonly before: number;
}

/** What the request says of the range; what it leaves open is found in the data. */
export interface AskedRange {
  readonly from: number | undefined;
  readonly to: number | undefined;
}

/** Refuses a range that runs backwards or is empty. `now` is the room's clock's. */
export function toAskedRange(
  { startTime, endTime, relativeRange, weekStart }: SeriesQuery,
  { zone, now }: { readonly zone: TimeZone; readonly now: number },
): AskedRange {
  if (relativeRange !== undefined) {
    if (startTime !== undefined || endTime !== undefined) {
      throw invalidField("query.relative_range", "stands in place of start_time and end_time");
    }
    return relativeTo(now, relativeRange, { zone, weekStart });
  }
  const from = startTime && timestampToMs(startTime, "query.start_time");
  const to = endTime && timestampToMs(endTime, "query.end_time");
  if (from !== undefined && to !== undefined && to <= from) {
    throw invalidField("query.end_time", "must be after start_time", new Date(to).toISOString());
  }
  return { from, to };
}

function relativeTo(
  now: number,
  { count, unit, includeCurrent }: RelativeRange,
  { zone, weekStart }: Pick<SeriesQuery, "weekStart"> & { readonly zone: TimeZone },
): AskedRange {
  const steps = { unit: toSteppedUnit(unit, weekStart), zone };
  const at = Math.floor(now);
  const to = includeCurrent ? unitEnd(steps, at) : unitStart(steps, at);
  const from = unitsBefore(steps, to, count);
  if (from < timeMin) {
    throw invalidField(
      "query.relative_range.count",
      "reaches back before the year 1",
      String(count),
    );
  }
  return { from, to };
}

/** The range with its open ends where the series begin and end; undefined: there is nothing to show. */
export function toQueryRange(
  asked: AskedRange,
  span: Span | undefined,
  boundary: Boundary,
): QueryRange | undefined {
  const from = asked.from ?? span?.firstStart;
  if (from === undefined) return undefined;
  if (asked.to !== undefined) return { from, to: asked.to, before: asked.to };
  if (span === undefined || span.lastEnd < from) return undefined;
  // The last instant is included, and what begins at it.
  const before = span.lastEnd + 1;
  if (boundary === "right_open") return { from, to: before, before };
  // Where all begins and ends at one instant, that is the first of a period of its own.
  return { from, to: Math.max(span.lastEnd, from + 1), before };
}

/** 0001-01-01T00:00:00Z: a google.protobuf.Timestamp says no less. */
export const timeMin = -62_135_596_800_000;
