import type { RpcCall } from "../call.ts";
import type { Place } from "../store/layers/directory.ts";
import type { Locks, Tx } from "../store/store.ts";
import { lastUse, wholeMs } from "./lifetime.ts";
import { type OpenSession, openToWrite } from "./open-session.ts";
import type { SessionRoom } from "./session-room.ts";
import { subjectRoot } from "./session-spaces.ts";

/** What an attempt at a write works on. */
export interface Writing {
  readonly tx: Tx;
  readonly tenant: Place;
  readonly session: OpenSession;
  /** When the session is used: the store's time in whole milliseconds. */
  readonly nowMs: number;
}

/** Changes an open session, one change after another. What was read of it is for the locks alone: the attempt reads again. */
export async function writeSession<T>(
  { tenants }: SessionRoom,
  call: RpcCall,
  { found, counts, attempt }: SessionWrite<T>,
): Promise<T> {
  const { result } = await tenants.update(
    call,
    (tenant) => locksFor(found, tenant, counts),
    async (tx, tenant) => {
      const session = await openToWrite(tx, tenant, found.digest);
      return attempt({ tx, tenant, session, nowMs: useTime(session, tx.now()) });
    },
  );
  return result;
}

/** Never before it was last used: that was written by another's clock, should it be ahead. */
const useTime = ({ record, entry }: OpenSession, now: number): number =>
  Math.max(wholeMs(now), lastUse(record, entry));

export interface SessionWrite<T> {
  readonly found: OpenSession;
  /** The subject whose sessions the write counts, if it does. */
  readonly counts?: string | undefined;
  readonly attempt: (writing: Writing) => T | Promise<T>;
}

/**
 * Whoever counts or ends a subject's sessions has them to itself; those who change one of them do not disturb each other. Nobody's are not
 * counted.
 */
function locksFor({ key, subject }: OpenSession, { number }: Place, counts?: string): Locks {
  const own = subjectRoot(number, subject);
  if (counts === undefined || counts === "") return { exclusive: [key], shared: [own] };
  const counted = subjectRoot(number, counts);
  return { exclusive: [key, counted], shared: own === counted ? [] : [own] };
}
