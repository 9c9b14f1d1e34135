import type { ByteString } from "../store/byte-string.ts";
import { child, type Key, partsOf } from "../store/key.ts";
import type { Place } from "../store/layers/directory.ts";
import type { Entry, Tx } from "../store/store.ts";
import { decodeFinder } from "./finder.ts";
import { sessionNotFound } from "./session-errors.ts";
import { decodeSession, type SessionRecord } from "./session-record.ts";
import { finderKey, subjectRoot } from "./session-spaces.ts";

/** A live session as it was read. */
export interface LiveSession {
  readonly key: Key;
  readonly subject: string;
  readonly handle: string;
  readonly record: SessionRecord;
  readonly entry: StoredSession;
}

export type StoredSession = Entry<ByteString>;

/** A live session, and the id by which it was opened. */
export interface OpenSession extends LiveSession {
  readonly digest: string;
  /** Until when that id opens it; 0: it is the current one. */
  readonly idUntilMs: number;
}

export function toLiveSession(entry: StoredSession): LiveSession {
  const [, , subject, handle] = partsOf(entry.key) as [number, string, string, string];
  return { key: entry.key, subject, handle, record: decodeSession(entry.value), entry };
}

/** The session that the finder names, if its record says that the id opens it now. */
export function openedBy(
  digest: string,
  entry: StoredSession | undefined,
  now: number,
): OpenSession {
  if (entry === undefined) throw sessionNotFound();
  const session = toLiveSession(entry);
  const id = session.record.ids.find((candidate) => candidate.digest === digest);
  if (id === undefined || (id.untilMs !== 0 && id.untilMs <= now)) throw sessionNotFound();
  return { ...session, digest, idUntilMs: id.untilMs };
}

/** Where the session of a finder is. */
export function sessionKeyOf({ number }: Place, finder: Entry | undefined): Key {
  if (finder === undefined) throw sessionNotFound();
  const { subject, handle } = decodeFinder(finder.value as ByteString);
  return child(subjectRoot(number, subject), handle);
}

/** The session that the id opens, to be written: what its writing depends on is expected. */
export async function openToWrite(tx: Tx, tenant: Place, digest: string): Promise<OpenSession> {
  const finder = await tx.get(finderKey(tenant.number, digest));
  const entry = await tx.get<ByteString>(sessionKeyOf(tenant, finder));
  const session = openedBy(digest, entry, tx.now());
  // Another's touch is no new version, and must not be undone by an expiry that was worked out before it.
  tx.expectExpiry(session.entry);
  return session;
}
