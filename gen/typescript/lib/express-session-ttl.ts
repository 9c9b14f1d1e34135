import type { SessionData } from "express-session";
import { ttlMsMax } from "./time-to-live.ts";

/**
 * For how long express-session wants a session kept, from now; zero or less: not any more. As long as its cookie lives: by its expiry,
 * which is text in what was read from a store, or else by its age; a cookie that ends with the browser says nothing.
 */
export function expressSessionTtlMs({ cookie }: SessionData, otherwiseMs: number): number {
  const expires: unknown = cookie?.expires;
  if (expires instanceof Date || typeof expires === "string") {
    return Math.min(new Date(expires).getTime() - Date.now(), ttlMsMax);
  }
  const { originalMaxAge } = cookie ?? {};
  return typeof originalMaxAge === "number" ? Math.min(originalMaxAge, ttlMsMax) : otherwiseMs;
}
