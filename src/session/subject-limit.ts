import { limitExceeded } from "../errors.ts";
import { type Key, within } from "../store/key.ts";
import type { Place } from "../store/layers/directory.ts";
import type { Tx } from "../store/store.ts";
import { endedAtOnceMax, endSessions } from "./end-sessions.ts";
import { type SessionSummary, type StoredSession, toSummary } from "./open-session.ts";
import type { SessionPolicy } from "./session-record.ts";
import { subjectRoot } from "./session-spaces.ts";

export interface NewcomerOf {
  readonly tenant: Place;
  readonly subject: string;
  readonly policy: SessionPolicy;
  /** The newcomer's key, if it is the subject's already: it does not count against itself. */
  readonly own?: Key;
}

/**
 * Makes room for one more session of the subject, or refuses. All of them are read, so that the commit expects no other to come
 * meanwhile. Nobody's sessions are not limited.
 */
export async function makeRoomOfSubject(
  tx: Tx,
  { tenant, subject, policy, own }: NewcomerOf,
): Promise<void> {
  if (subject === "") return;
  const others = (await liveOfSubject(tx, tenant, subject)).filter(({ key }) => key !== own);
  const excess = others.length + 1 - policy.subjectMax;
  if (excess <= 0) return;
  if (policy.refuses) {
    throw limitExceeded("sessions of the subject", policy.subjectMax, others.length + 1);
  }
  const byAge = others.toSorted((a, b) => a.record.createdMs - b.record.createdMs);
  // More than a commit can end, imports alone can bring. Those that are left end with the next.
  endSessions({ tx, tenant }, byAge.slice(0, Math.min(excess, endedAtOnceMax)), "limit");
}

/** All live sessions of the subject, as of one commit. */
export async function liveOfSubject(
  tx: Tx,
  { number }: Place,
  subject: string,
): Promise<SessionSummary[]> {
  const range = within(subjectRoot(number, subject));
  const found: SessionSummary[] = [];
  let after: Key | undefined;
  do {
    const page = await tx.page(range, { limit: sessionsPerPage, ...(after && { after }) });
    for (const entry of page.entries) found.push(toSummary(entry as StoredSession));
    after = page.next;
  } while (after !== undefined);
  return found;
}

const sessionsPerPage = 1000;
