import { errorReasonOf } from "./error-reason.ts";

/** Runs the attempt again, after a while, when another writer was faster: what it read is not so any more. Else throws what it threw. */
export async function retryConflicts<T>(attempt: () => Promise<T>): Promise<T> {
  for (let count = 1; ; count++) {
    try {
      return await attempt();
    } catch (error) {
      if (count === attemptsMax || !isConflict(error)) throw error;
    }
    await pause(Math.random() * Math.min(pauseMsMax, pauseMsFirst * 2 ** count));
  }
}

/** The write found something else than was read, or the server itself gave up running it again. */
export function isConflict(error: unknown): boolean {
  const reason = errorReasonOf(error);
  return reason === "PRECONDITION_FAILED" || reason === "CONTENTION";
}

const attemptsMax = 16;
const pauseMsFirst = 2;
const pauseMsMax = 100;

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
