import type { Clock } from "../clock.ts";
import { TiffinError } from "../errors.ts";
import type { Call } from "./store.ts";

/** Throws when the call's time is over. For what does not wait: asking a lazy signal would make it. */
export function throwIfLate({ deadline }: Call, now: number): void {
  if (deadline !== undefined && deadline <= now) throw late();
}

/** Throws when the caller has gone or its time is over. To be asked before each wait. */
export function throwIfOver(call: Call, now: number): void {
  throwIfLate(call, now);
  if (call.signal?.aborted) throw gone(call.signal.reason);
}

/** Calls `give` once, later, when the caller goes or its time is over. Answers how to stop waiting for that. */
export function whenOver(
  call: Call | undefined,
  clock: Clock,
  give: (error: TiffinError) => void,
): () => void {
  const { signal, deadline } = call ?? {};
  const onAbort = (): void => finish(gone(signal?.reason));
  const cancelTimer =
    deadline === undefined
      ? undefined
      : clock.after(Math.max(0, deadline - clock.now()), () => finish(late()));
  signal?.addEventListener("abort", onAbort, { once: true });
  const stop = (): void => {
    cancelTimer?.();
    signal?.removeEventListener("abort", onAbort);
  };
  const finish = (error: TiffinError): void => {
    stop();
    give(error);
  };
  return stop;
}

const late = (): TiffinError =>
  new TiffinError("deadline_exceeded", "the deadline passed while waiting");

/** A signal may say why in our own words, as a server does that is shutting down. */
export const gone = (reason: unknown): TiffinError =>
  reason instanceof TiffinError
    ? reason
    : new TiffinError("cancelled", "the caller went away", { cause: reason });
