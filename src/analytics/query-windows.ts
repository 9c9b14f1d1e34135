import type { AnalyticsRoom } from "./analytics-room.ts";
import { comparedRange } from "./comparison.ts";
import type { Periods } from "./periods.ts";
import type { QueryRange } from "./query-range.ts";
import type { Question } from "./question.ts";

/** A range with its periods. */
export interface QueryWindow extends Periods {
  /** Series that begin here or later are not looked at. */
  readonly before: number;
}

export interface QueryWindows {
  readonly main: QueryWindow;
  /** Matched with `main` by place, and at most as long; undefined: nothing is compared. */
  readonly compared: QueryWindow | undefined;
}

/** The periods of the query's range, and of the one to put beside it. */
export function queryWindows(
  { calendar, limits }: AnalyticsRoom,
  question: Question,
  range: QueryRange,
): QueryWindows {
  const { unit, zone, boundary, comparison } = question;
  const cut = ({ from, to }: QueryRange): Periods =>
    calendar.periods({ from, to, unit, zone }, limits.analyticsPeriodsMax);
  const main = { ...cut(range), before: range.before };
  if (comparison === undefined) return { main, compared: undefined };
  const periods = main.labels.length;
  const beside = comparedRange(comparison, { range, unit, zone, boundary, periods });
  const { boundaries, labels } = cut(beside);
  return {
    main,
    compared: {
      boundaries: boundaries.subarray(0, periods + 1),
      labels: labels.slice(0, periods),
      before: beside.before,
    },
  };
}

/** Where there is no range: no series is meant, and none was said. */
export const noWindows = ({ comparison }: Question): QueryWindows => {
  const none = { boundaries: new Float64Array(0), labels: [], before: 0 };
  return { main: none, compared: comparison && none };
};
