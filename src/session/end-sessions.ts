import type { Place } from "../store/layers/directory.ts";
import type { Tx } from "../store/store.ts";
import type { SessionSummary } from "./open-session.ts";
import { finderKey } from "./session-spaces.ts";

/** Why sessions are ended, as the events of their deletions say it. What merely expires says nothing. */
export type EndedBecause = "logout" | "limit" | "revoked";

/** Said of the record of a session that goes to another subject. */
export const leavesSubject = "subject changed";

/**
 * Deletes the sessions with the finders of their ids, at most `endedAtOnceMax` of them. Finders that no commit has room for are left: they
 * find nothing, and expire when their session would have.
 */
export function endSessions(
  { tx, tenant }: { tx: Tx; tenant: Place },
  sessions: readonly Pick<SessionSummary, "key" | "record">[],
  why: EndedBecause,
): void {
  for (const { key } of sessions) tx.delete(key, why);
  const current = sessions.flatMap(({ record }) => record.ids.slice(0, 1));
  const former = sessions.flatMap(({ record }) => record.ids.slice(1));
  const room = endedAtOnceMax - sessions.length;
  for (const { digest } of [...current, ...former].slice(0, room)) {
    tx.delete(finderKey(tenant.number, digest));
  }
}

/** A commit holds so many deletions, beside what else a method writes. */
export const endedAtOnceMax = 1000;
