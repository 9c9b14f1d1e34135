import { TiffinError } from "../../errors.ts";
import { toTiffinError } from "../errors.ts";
import type { InterceptorFactory } from "./interceptor.ts";

/** Turns whatever was thrown into the one error that is answered; a defect is answered with nothing but the request id. */
export const errors = (): InterceptorFactory => () => ({
  fail(exchange, thrown) {
    const error = toTiffinError(thrown);
    if (error.kind !== "internal") return error;
    return new TiffinError("internal", "internal error", {
      metadata: { request_id: exchange.requestId ?? "" },
      cause: error.cause ?? error,
    });
  },
});
