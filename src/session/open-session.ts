import type { ByteString } from "../store/byte-string.ts";
import type { Key } from "../store/key.ts";
import type { Place } from "../store/layers/directory.ts";
import type { Entry, Tx } from "../store/store.ts";
import { decodeFinder } from "./finder.ts";
import { sessionNotFound } from "./session-errors.ts";
import {
  decodeHead,
  decodeSession,
  type SessionHead,
  type SessionRecord,
} from "./session-record.ts";
import { finderKey, nameIn, type SessionName, sessionKey } from "./session-spaces.ts";

/** A live session, without its data: of a subject's many there may be too much to hold. */
export interface SessionSummary extends SessionName {
  readonly key: Key;
  readonly record: SessionHead;
}

/** A live session as it was read. */
export interface LiveSession extends SessionSummary {
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

export const toLiveSession = (entry: StoredSession): LiveSession => ({
  ...{ key: entry.key, ...nameIn(entry.key) },
  ...{ record: decodeSession(entry.value), entry },
});

export const toSummary = ({ key, value }: StoredSession): SessionSummary => ({
  ...{ key, ...nameIn(key) },
  record: decodeHead(value),
});

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
  return sessionKey(number, decodeFinder(finder.value as ByteString));
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
