import type { Clock } from "./clock.ts";
import { TiffinError } from "./errors.ts";
import { throwIfOver, whenOver } from "./store/call-end.ts";
import type { Call } from "./store/store.ts";

export interface Arriving {
  readonly clock: Clock;
  /** How long the next request may take to arrive. */
  readonly pauseMsMax: number;
  readonly call: Call;
}

/** The next of an import's requests; undefined at the end. Each has so long to arrive, and all of them as long as they take. */
export async function nextRequest<T>(
  requests: AsyncIterator<T>,
  { clock, pauseMsMax, call }: Arriving,
): Promise<T | undefined> {
  throwIfOver(call, clock.now());
  const { promise: over, reject } = Promise.withResolvers<never>();
  const stopTimer = clock.after(pauseMsMax, () => reject(tooLate()));
  const stopWaiting = whenOver(call, clock, reject);
  const next = requests.next();
  // When it is over, nobody waits for what comes then.
  next.catch(() => undefined);
  try {
    const { done, value } = await Promise.race([next, over]);
    return done ? undefined : value;
  } finally {
    stopTimer();
    stopWaiting();
  }
}

const tooLate = (): TiffinError =>
  new TiffinError("deadline_exceeded", "the next part of the import did not arrive in time");
