import type { Clock } from "../../clock.ts";
import { TiffinError } from "../../errors.ts";
import type { InterceptorFactory } from "./interceptor.ts";

export interface DeadlineOptions {
  readonly clock: Clock;
  /** How long a unary call may take when its client does not say, in milliseconds. */
  readonly deadlineDefaultMs: number;
}

/**
 * Says by when a call must be done: the client's own deadline, at most the default for a unary call, none for a
 * stream that gave none. It sets no timer: what waits honours the deadline itself.
 */
export const deadline =
  ({ clock, deadlineDefaultMs }: DeadlineOptions): InterceptorFactory =>
  (method) => {
    if (method === undefined) return undefined;
    const streaming = method.requestStream || method.responseStream;
    const longestMs = streaming ? Number.POSITIVE_INFINITY : deadlineDefaultMs;
    return {
      begin(exchange) {
        const given = exchange.clientTimeoutMs ?? Number.POSITIVE_INFINITY;
        if (given <= 0) throw passed();
        const ms = Math.min(given, longestMs);
        if (ms !== Number.POSITIVE_INFINITY) exchange.deadline = clock.now() + ms;
      },
    };
  };

const passed = (): TiffinError =>
  new TiffinError("deadline_exceeded", "the deadline passed before the call began");
