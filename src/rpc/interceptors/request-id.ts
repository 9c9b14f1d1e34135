import type { Exchange } from "../exchange.ts";
import type { InterceptorFactory } from "./interceptor.ts";

export interface RequestIdOptions {
  /** A name for a call that brought none. */
  readonly newId: () => string;
}

const header = "x-request-id";
const form = /^[!-~]{1,64}$/;

/**
 * Names the call, so that what is answered and what is logged can be put together. A name is made only when the
 * call is logged or fails inside: most calls never need one.
 */
export const requestId =
  ({ newId }: RequestIdOptions): InterceptorFactory =>
  () => ({
    fail(exchange, thrown) {
      nameOf(exchange, newId);
      return thrown as never;
    },
    end(exchange, { error }) {
      if (error !== undefined) nameOf(exchange, newId);
    },
  });

function nameOf(exchange: Exchange, newId: () => string): void {
  if (exchange.requestId !== undefined) return;
  const given = exchange.header(header);
  exchange.requestId = given !== undefined && form.test(given) ? given : newId();
}
