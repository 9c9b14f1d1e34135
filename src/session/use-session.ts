import type { RpcCall } from "../call.ts";
import { expiryAfterUse, isTouchDue, lastUse, wholeMs } from "./lifetime.ts";
import { readSession } from "./read-session.ts";
import { digestOf } from "./session-id.ts";
import { encodeSession } from "./session-record.ts";
import type { SessionRoom } from "./session-room.ts";
import { finderKey } from "./session-spaces.ts";
import type { ShownSession } from "./to-session.ts";
import { type Writing, writeSession } from "./write-session.ts";

/** A session that was just used, and until when the id by which it was opens it; 0: it is the current one. */
export interface UsedSession {
  readonly session: ShownSession;
  readonly idUntilMs: number;
}

/** The session that the id opens, its use written down if that is due. */
export async function useSession(
  room: SessionRoom,
  call: RpcCall,
  sessionId: string,
): Promise<UsedSession> {
  const found = await readSession(room, call, digestOf(sessionId));
  const { record, entry, idUntilMs } = found;
  if (!isTouchDue(lastUse(record, entry), wholeMs(room.store.now()), record)) {
    return { session: found, idUntilMs };
  }
  return writeSession(room, call, {
    found,
    attempt: (writing) => ({ session: touch(writing), idUntilMs: writing.session.idUntilMs }),
  });
}

/** Writes the session as used now, with a changed record. Answers it as it is then. */
export function putUsed(
  { tx, tenant, session, nowMs }: Writing,
  changed: ShownSession["record"],
): ShownSession {
  const record = { ...changed, usedMs: nowMs };
  const expireAt = expiryAfterUse(nowMs, record);
  tx.put(session.key, encodeSession(record), expireAt);
  alignFinders({ tx, tenant }, record, expireAt);
  return { ...session, record, entry: { expireAt } };
}

/** Writes down that the session is used now, if that is due. Answers it as it is then. */
function touch(writing: Writing): ShownSession {
  const { tx, tenant, session, nowMs } = writing;
  const { record } = session;
  if (!isTouchDue(lastUse(record, session.entry), nowMs, record)) return session;
  const expireAt = expiryAfterUse(nowMs, record);
  // Where the expiry cannot tell when it was used, the record does.
  if (expireAt === record.absoluteMs) return putUsed(writing, record);
  tx.setExpiry(session.key, expireAt);
  alignFinders({ tx, tenant }, record, expireAt);
  return { ...session, entry: { expireAt } };
}

/** No finder outlives its session, nor the grace of its id. */
function alignFinders(
  { tx, tenant }: Pick<Writing, "tx" | "tenant">,
  { ids }: ShownSession["record"],
  expireAt: number,
): void {
  for (const { digest, untilMs } of ids) {
    const until = untilMs === 0 ? expireAt : Math.min(untilMs, expireAt);
    tx.setExpiry(finderKey(tenant.number, digest), until);
  }
}
