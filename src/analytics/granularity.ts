import { Granularity, Weekday } from "#gen/tiffin/analytics/v1/query_pb.ts";
import type { PeriodUnit } from "./periods.ts";
import type { SteppedUnit } from "./unit-steps.ts";

/** What a granularity cuts a range into. The contract refuses what is none. */
export const toPeriodUnit = (granularity: Granularity, weekStart: Weekday): PeriodUnit =>
  granularity === Granularity.TOTAL ? "total" : toSteppedUnit(granularity, weekStart);

/** The same where TOTAL is refused. */
export function toSteppedUnit(granularity: Granularity, weekStart: Weekday): SteppedUnit {
  switch (granularity) {
    case Granularity.ANNUAL:
      return { months: 12 };
    case Granularity.SEMIANNUAL:
      return { months: 6 };
    case Granularity.QUARTERLY:
      return { months: 3 };
    case Granularity.MONTHLY:
      return { months: 1 };
    case Granularity.WEEKLY:
      // The contract numbers the days of the week from Monday, 1, to Sunday, 7.
      return { days: 7, weekStart: (weekStart === Weekday.UNSPECIFIED ? 1 : weekStart) % 7 };
    case Granularity.HOURLY:
      return "hour";
    default:
      return { days: 1 };
  }
}
