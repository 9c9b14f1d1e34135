import type { SessionBackend } from "../../gen/typescript/lib/session-backend.ts";
import type { ManualClock } from "../support/manual-clock.ts";

/** A backend with an idle timeout of 30 minutes, an absolute one of 12 hours and a touch interval of a second. */
export interface SessionSubject extends AsyncDisposable {
  readonly backend: SessionBackend;
  readonly clock: ManualClock;
}

export const minuteMs = 60_000;
export const hourMs = 60 * minuteMs;
