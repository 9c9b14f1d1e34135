import type { Entry } from "../store/store.ts";
import type { SessionRecord } from "./session-record.ts";

/**
 * When a session that was used then ends. Uses within the touch interval are not written down, so the interval is added: it ends
 * between the idle timeout and that much more after its last use, and never past its absolute timeout.
 */
export const expiryAfterUse = (
  usedMs: number,
  { policy, absoluteMs }: Pick<SessionRecord, "policy" | "absoluteMs">,
): number => Math.min(usedMs + policy.idleMs + policy.touchMs, absoluteMs);

/**
 * When it was last written down that the session was used. Its expiry says so, which is changed without a new version of the record;
 * near the absolute timeout the expiry does not move any more, and each use is written into the record.
 */
export function lastUse(record: SessionRecord, { expireAt }: Pick<Entry, "expireAt">): number {
  const { policy, absoluteMs, usedMs } = record;
  if (expireAt === undefined || expireAt >= absoluteMs) return usedMs;
  return expireAt - policy.idleMs - policy.touchMs;
}

/** Whether a use now is to be written down. */
export const isTouchDue = (usedMs: number, nowMs: number, { policy }: SessionRecord): boolean =>
  nowMs - usedMs >= Math.max(1, policy.touchMs);

/** Whole milliseconds, rounded up: nothing ends before it was said to. */
export const wholeMs = (now: number): number => Math.ceil(now);
