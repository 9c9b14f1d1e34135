import { limitExceeded, TiffinError } from "../errors.ts";
import type { AnalyticsLimits } from "./analytics-limits.ts";

/** Refuses what is not spread over several messages and has no room in one, in words of the configuration. */
export function assertMessageRoom(
  { messageBytesMax: max }: AnalyticsLimits,
  what: string,
  bytes: number,
): void {
  if (bytes <= max) return;
  throw new TiffinError(
    "limit_exceeded",
    `${what} would take ${bytes} bytes, and a message has ${max} at most (TIFFIN_MESSAGE_BYTES_MAX): ask for a shorter range, a coarser granularity, or fewer aggregates or dimensions`,
    limitExceeded("messageBytesMax", max, bytes).details,
  );
}
