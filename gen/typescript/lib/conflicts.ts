import { errorReasonOf } from "./error-reason.ts";

/** What a retry goes by. */
export interface RetryTiming {
  /** Milliseconds, from any beginning. */
  now(): number;
  pause(ms: number): Promise<void>;
  /** From 0 to before 1. */
  random(): number;
}

/**
 * Runs the attempt again, after a pause, when another writer was faster: what it read is not so any more. Else throws what it threw. Pauses
 * are measured in attempts, not in milliseconds: writers that are far from the server would else all come back in each other's way.
 */
export async function retryConflicts<T>(
  attempt: () => Promise<T>,
  { now, pause, random }: RetryTiming = systemTiming,
): Promise<T> {
  for (let count = 1; ; count++) {
    const begun = now();
    try {
      return await attempt();
    } catch (error) {
      if (count === attemptsMax || !isConflict(error)) throw error;
    }
    const attemptMs = Math.max(attemptMsMin, now() - begun);
    const spread = attemptMs * Math.min(spreadMax, 2 ** count);
    await pause(random() * Math.min(pauseMsMax, spread));
  }
}

/** The write found something else than was read, or the server itself gave up running it again. */
function isConflict(error: unknown): boolean {
  const reason = errorReasonOf(error);
  return reason === "PRECONDITION_FAILED" || reason === "CONTENTION";
}

/** Simulated, 16 writers of one value need 12 attempts at worst in 48,000 updates, whatever a call takes. */
const attemptsMax = 16;
const spreadMax = 64;
const attemptMsMin = 2;
const pauseMsMax = 5000;

const systemTiming: RetryTiming = {
  now: () => performance.now(),
  pause: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
  random: Math.random,
};
