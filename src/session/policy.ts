import type { Duration } from "@bufbuild/protobuf/wkt";
import { AtLimit, type Policy } from "#gen/tiffin/session/v1/session_pb.ts";
import { durationToMs } from "../duration.ts";
import { invalidField } from "../errors.ts";
import type { SessionBounds } from "../session-bounds.ts";
import type { SessionLimits } from "./session-limits.ts";
import type { SessionPolicy } from "./session-record.ts";

/** What a session was granted. */
export interface Granted {
  readonly policy: SessionPolicy;
  readonly absoluteTimeoutMs: number;
}

/** The policy within the bounds of server and tenant. What is asked beyond them is refused; what is not asked is cut to them. */
export function grantPolicy(
  asked: Policy | undefined,
  limits: SessionLimits,
  bounds: SessionBounds | undefined,
): Granted {
  const absoluteTimeoutMs = granted(asked?.absoluteTimeout, {
    field: "policy.absolute_timeout",
    fallback: defaults.absoluteMs,
    max: Math.min(limits.sessionAbsoluteMsMax, bounds?.absoluteMsMax ?? Infinity),
  });
  const idleMs = granted(asked?.idleTimeout, {
    field: "policy.idle_timeout",
    fallback: Math.min(defaults.idleMs, absoluteTimeoutMs),
    max: Math.min(limits.sessionIdleMsMax, bounds?.idleMsMax ?? Infinity),
  });
  if (asked?.idleTimeout !== undefined && idleMs > absoluteTimeoutMs) {
    throw invalidField(
      "policy.idle_timeout",
      `must not be longer than the absolute timeout, ${inSeconds(absoluteTimeoutMs)}`,
      inSeconds(idleMs),
    );
  }
  const touchMs = granted(asked?.touchInterval, {
    field: "policy.touch_interval",
    fallback: defaults.touchMs,
    max: Math.floor(idleMs / 10),
  });
  const renewalMs = granted(asked?.renewalInterval, {
    field: "policy.renewal_interval",
    fallback: 0,
    max: absoluteTimeoutMs,
  });
  const subjectMax = grantedCount(asked?.subjectSessionsMax ?? 0, bounds?.subjectSessionsMax);
  const refuses = asked?.atLimit === AtLimit.REFUSE;
  return { policy: { idleMs, touchMs, renewalMs, subjectMax, refuses }, absoluteTimeoutMs };
}

function granted(
  asked: Duration | undefined,
  { field, fallback, max }: { field: string; fallback: number; max: number },
): number {
  if (asked === undefined) return Math.min(fallback, max);
  const ms = durationToMs(asked, field);
  if (ms <= max) return ms;
  throw invalidField(field, `must not be longer than ${inSeconds(max)}`, inSeconds(ms));
}

function grantedCount(asked: number, max = sessionsOfSubjectMax): number {
  if (asked === 0) return Math.min(defaults.subjectMax, max);
  if (asked <= max) return asked;
  throw invalidField("policy.subject_sessions_max", `must not be more than ${max}`, `${asked}`);
}

const inSeconds = (ms: number): string => `${ms / 1000}s`;

/** As the contract tells them. The timeouts are within OWASP's for low risk: 15 to 30 minutes, and a working day. */
const defaults = {
  idleMs: 30 * 60_000,
  absoluteMs: 12 * 3_600_000,
  touchMs: 1000,
  subjectMax: 100,
} as const;

/** So many, with what belongs to them, end in one commit. */
export const sessionsOfSubjectMax = 500;
