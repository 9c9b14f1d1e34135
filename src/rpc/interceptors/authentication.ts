import { createHash, timingSafeEqual } from "node:crypto";
import { TiffinError } from "../../errors.ts";
import type { InterceptorFactory } from "./interceptor.ts";

export interface AuthenticationOptions {
  /** The bearer token every method but Health demands; undefined: none. */
  readonly token: string | undefined;
}

/** Whether an `authorization` header carries the token. Compares digests, so that time tells neither content nor length. */
export function createTokenCheck(token: string): (authorization: string | undefined) => boolean {
  const expected = digest(token);
  return (authorization) => {
    const match = /^bearer +(\S+)$/i.exec(authorization ?? "");
    return timingSafeEqual(digest(match?.[1] ?? ""), expected) && match !== null;
  };
}

/** Refuses a call without the token before its body is read, so that nobody's bytes are decoded on credit. */
export const authentication = ({ token }: AuthenticationOptions): InterceptorFactory => {
  if (token === undefined) return () => undefined;
  const isAuthorized = createTokenCheck(token);
  return (method) => {
    if (method?.authenticated === false) return undefined;
    return {
      begin(exchange) {
        if (isAuthorized(exchange.header("authorization"))) return;
        throw new TiffinError("unauthenticated", "the bearer token is missing or wrong");
      },
    };
  };
};

const digest = (text: string): Buffer => createHash("sha256").update(text).digest();
