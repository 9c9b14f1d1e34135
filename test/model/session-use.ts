import type { Wrong } from "./session-comparison.ts";
import type { ModelSession, SessionModel } from "./session-model.ts";

/** Whether it may be the time at which a call that is checked now was handled. Times are whole milliseconds, rounded up. */
export const isNow = (model: SessionModel, ms: number): boolean =>
  ms >= Math.ceil(model.since) && ms <= Math.ceil(model.now);

/**
 * The session once it was used, if what is answered of it is allowed: a use is written down or, within the touch interval of the last
 * one that was, not; a change is written in any case.
 */
export function used(
  model: SessionModel,
  session: ModelSession,
  { activeMs = 0, isChange = false }: { activeMs: number | undefined; isChange?: boolean },
): ModelSession | Exclude<Wrong, undefined> {
  const { may, must } = writing(model, session, isChange);
  const { earliest, latest } = session.active;
  const isKept = !must && activeMs >= earliest && activeMs <= latest;
  // However late it comes, it takes nothing from a later use.
  const isWritten = may && isNow(model, activeMs) && activeMs >= earliest;
  if (!(isKept || isWritten)) return `used at ${model.now}, and last active ${activeMs}`;
  const active = { earliest: activeMs, latest: activeMs };
  return { ...session, active, endsMs: endAfter(session, activeMs) };
}

/** The same, of an answer that says only when the session ends: near its absolute timeout that leaves open when it was used. */
export function usedAsOfAnswer(
  model: SessionModel,
  session: ModelSession,
  endsMs: number,
): ModelSession | Exclude<Wrong, undefined> {
  const { policy, active, absoluteMs } = session;
  if (endsMs < absoluteMs) {
    return used(model, session, { activeMs: endsMs - policy.idleMs - policy.touchMs });
  }
  const { may, must } = writing(model, session, false);
  const earliest = must ? Math.max(Math.ceil(model.since), active.earliest) : active.earliest;
  const latest = may ? Math.ceil(model.now) : active.latest;
  if (endsMs !== endAfter(session, latest)) return `ends at ${endsMs} after its use`;
  return { ...session, active: { earliest, latest }, endsMs };
}

/** Whether the use may be, and must be, written down. */
function writing({ now, since }: SessionModel, { active, policy }: ModelSession, always: boolean) {
  if (always) return { may: true, must: true };
  return {
    may: Math.ceil(now) - active.earliest >= policy.touchMs,
    must: Math.ceil(since) - active.latest > policy.touchMs,
  };
}

const endAfter = ({ policy, absoluteMs }: ModelSession, activeMs: number): number =>
  Math.min(activeMs + policy.idleMs + policy.touchMs, absoluteMs);
