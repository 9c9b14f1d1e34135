import { DateTime, type DurationLikeObject } from "luxon";
import { type Comparison, Granularity, type Shift } from "#gen/tiffin/analytics/v1/query_pb.ts";
import type { Boundary } from "../analytics-store/analytics-store.ts";
import { invalidField } from "../errors.ts";
import type { PeriodUnit } from "./periods.ts";
import { type QueryRange, timeMin } from "./query-range.ts";
import type { TimeZone } from "./time-zone.ts";
import { unitStart, unitsBefore } from "./unit-steps.ts";

interface Compared {
  readonly range: QueryRange;
  readonly unit: PeriodUnit;
  readonly zone: TimeZone;
  readonly boundary: Boundary;
  /** How many periods the range has. */
  readonly periods: number;
}

/** The range to put beside the query's. It may be empty: a month earlier than the 30th and the 31st of March there is one day. */
export function comparedRange({ range }: Comparison, compared: Compared): QueryRange {
  const isPrevious = range.case === "previous";
  const found = range.case === "back" ? earlier(range.value, compared) : previousTo(compared);
  if (found.from >= timeMin) return found;
  const field = isPrevious ? "query.compare.previous" : "query.compare.back.count";
  throw invalidField(field, "reaches back before the year 1");
}

/** As many of the calendar's periods as the range has, the last of which ends where the range begins. */
function previousTo({ range: { from, to }, unit, zone, boundary, periods }: Compared): QueryRange {
  // What begins where the range does is none of the range's if that is open on the left.
  const before = boundary === "left_open" ? from + 1 : from;
  if (unit === "total") return { from: from - (to - from), to: from, before };
  const steps = { unit, zone };
  const start = unitStart(steps, from);
  const whole = start === from ? periods : periods - 1;
  return { from: unitsBefore(steps, start, whole), to: from, before };
}

function earlier({ count, unit }: Shift, { range, zone }: Compared): QueryRange {
  const distance = distanceOf(unit, count);
  const shift = (at: number): number =>
    DateTime.fromMillis(at, { zone: zone.name }).minus(distance).toMillis();
  const to = shift(range.to);
  return { from: shift(range.from), to, before: to + range.before - range.to };
}

/** The contract refuses units that are none. */
function distanceOf(unit: Granularity, count: number): DurationLikeObject {
  switch (unit) {
    case Granularity.ANNUAL:
      return { years: count };
    case Granularity.SEMIANNUAL:
      return { months: 6 * count };
    case Granularity.QUARTERLY:
      return { quarters: count };
    case Granularity.MONTHLY:
      return { months: count };
    case Granularity.WEEKLY:
      return { weeks: count };
    case Granularity.HOURLY:
      return { hours: count };
    default:
      return { days: count };
  }
}
