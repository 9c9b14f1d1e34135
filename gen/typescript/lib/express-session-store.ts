import type { SessionData, Store } from "express-session";
import {
  ExpressSessionRecords,
  type ExpressSessionStoreOptions,
} from "./express-session-records.ts";

/** express-session's own `Store`, given by the application, so that this package works with the one it has. */
export type ExpressSessionStoreBase = abstract new () => Store;

/** A store for express-session with all that its middleware and its users may call. */
export type ExpressSessionStore = Store &
  Required<Pick<Store, "all" | "clear" | "length" | "touch">>;

/**
 * A store that keeps express-session's sessions in Tiffin: `createExpressSessionStore(session.Store, { client })`. Nothing brings back a
 * session that has been destroyed: a request that began before may save it, and is told that all went well, but nothing is written.
 *
 * Sessions are kept as long as their cookie lives. `touch` extends that without writing the data, and never shortens it: save the session
 * to make it end sooner. `all` answers the sessions without their ids, of which only digests are kept. Errors are ConnectErrors, as the
 * server could not be reached or refused; to a call without a callback nobody is told.
 */
export function createExpressSessionStore(
  base: ExpressSessionStoreBase,
  options: ExpressSessionStoreOptions,
): ExpressSessionStore {
  const records = new ExpressSessionRecords(options);
  return new (class extends base {
    get(sid: string, callback?: Callback<SessionData | null>): void {
      tell(records.get(sid), callback);
    }

    set(sid: string, session: SessionData, callback?: Callback<void>): void {
      tell(records.set(sid, session), callback);
    }

    destroy(sid: string, callback?: Callback<void>): void {
      tell(records.destroy(sid), callback);
    }

    override touch(sid: string, session: SessionData, callback?: Callback<void>): void {
      tell(records.touch(sid, session), callback);
    }

    override all(callback?: Callback<SessionData[]>): void {
      tell(records.all(), callback);
    }

    override length(callback?: Callback<number>): void {
      tell(records.length(), callback);
    }

    override clear(callback?: Callback<void>): void {
      tell(records.clear(), callback);
    }

    override createSession(...[request, data]: Parameters<Store["createSession"]>) {
      const session = super.createSession(request, data);
      if (records.wasStored(data)) records.markStored(session);
      return session;
    }
  })();
}

type Callback<T> = (error: unknown, answer?: T) => void;

/** Outside the promise, so that what a callback throws is thrown as from any other, and not told to the callback again. */
function tell<T>(work: Promise<T>, callback: Callback<T> = () => undefined): void {
  work.then(
    (answer) => queueMicrotask(() => callback(null, answer)),
    (error: unknown) => queueMicrotask(() => callback(error)),
  );
}
