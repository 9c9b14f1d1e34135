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

/**
 * Reading a session is a use, with which its cookie's age begins anew. What was stored of its expiry is as old as the last save: touches
 * have put it off since, and whoever saves before the answer, as before a redirect, would end the session by it.
 */
export function renewCookie({ cookie }: SessionData): void {
  const { expires, originalMaxAge } = cookie;
  if (!expires || typeof originalMaxAge !== "number") return;
  cookie.expires = new Date(Math.min(Date.now() + originalMaxAge, dateMsMax));
}

const dateMsMax = 8.64e15;
