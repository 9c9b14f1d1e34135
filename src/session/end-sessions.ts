import type { Place } from "../store/layers/directory.ts";
import type { Tx } from "../store/store.ts";
import type { LiveSession } from "./open-session.ts";
import { finderKey } from "./session-spaces.ts";

/** Why sessions are ended, as the events of their deletions say it. What merely expires says nothing. */
export type EndedBecause = "logout" | "limit" | "revoked";

/** Deletes the sessions with the finders of their ids. Of very many, those of ids in their grace are left: they find nothing, and expire soon. */
export function endSessions(
  { tx, tenant }: { tx: Tx; tenant: Place },
  sessions: readonly Pick<LiveSession, "key" | "record">[],
  why: EndedBecause,
): void {
  for (const { key, record } of sessions) {
    tx.delete(key, why);
    const [current] = record.ids;
    if (current !== undefined) tx.delete(finderKey(tenant.number, current.digest));
  }
  const former = sessions.flatMap(({ record }) => record.ids.slice(1));
  for (const { digest } of former.slice(0, deletionsMax - 2 * sessions.length)) {
    tx.delete(finderKey(tenant.number, digest));
  }
}

/** Of one commit, beside what else it writes. */
const deletionsMax = 1000;
