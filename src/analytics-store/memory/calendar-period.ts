import type { RollupPeriod } from "../analytics-store.ts";

/** From its beginning to where the next one begins. */
export interface CalendarPeriod {
  readonly from: number;
  readonly to: number;
}

/** The period of the UTC calendar that holds the instant. */
export function calendarPeriod(at: number, period: RollupPeriod): CalendarPeriod {
  if (period === "monthly") {
    const date = new Date(at);
    const month = new Date(0).setUTCFullYear(date.getUTCFullYear(), date.getUTCMonth(), 1);
    const next = new Date(0).setUTCFullYear(date.getUTCFullYear(), date.getUTCMonth() + 1, 1);
    return { from: month, to: next };
  }
  const ms = period === "hourly" ? hourMs : dayMs;
  const from = Math.floor(at / ms) * ms;
  return { from, to: from + ms };
}

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;
