import type { SessionData } from "express-session";

export type Callback<T> = (error?: unknown, answer?: T) => void;

/** What a call tells its callback. */
export function told<T = void>(call: (callback: Callback<T>) => void): Promise<T> {
  return new Promise((resolve, reject) => {
    call((error, answer) => (error ? reject(error) : resolve(answer as T)));
  });
}

/** A session's data as express-session gives it to a store. */
export const sessionData = (members: object = {}, cookie: object = {}): SessionData =>
  ({ cookie: { originalMaxAge: null, ...cookie }, ...members }) as SessionData;
