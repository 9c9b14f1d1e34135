import type { HandlerContext } from "@connectrpc/connect";
import type { RotateRequest, RotateResponse } from "#gen/tiffin/session/v1/session_service_pb.ts";
import { rpcCallOf } from "../call.ts";
import { durationToMs } from "../duration.ts";
import { invalidField } from "../errors.ts";
import { toTimestamp } from "../timestamp.ts";
import { leavesSubject } from "./end-sessions.ts";
import { encodeFinder } from "./finder.ts";
import { expiryAfterUse } from "./lifetime.ts";
import { readSession } from "./read-session.ts";
import { checkedPatch } from "./session-data.ts";
import { alreadyRotated } from "./session-errors.ts";
import { digestOf, newSessionId } from "./session-id.ts";
import {
  encodeSession,
  formerIdsMax,
  nextVersion,
  type SessionIdRecord,
  type SessionRecord,
} from "./session-record.ts";
import type { SessionRoom } from "./session-room.ts";
import { finderKey, sessionKey } from "./session-spaces.ts";
import { checkedSubject } from "./subject.ts";
import { makeRoomOfSubject } from "./subject-limit.ts";
import { toSession } from "./to-session.ts";
import { type Writing, writeSession } from "./write-session.ts";

export async function rotate(
  room: SessionRoom,
  request: RotateRequest,
  context: HandlerContext,
): Promise<RotateResponse> {
  const call = rpcCallOf(context);
  const rotation = toRotation(request, room);
  const found = await readSession(room, call, digestOf(request.sessionId));
  return writeSession(room, call, {
    found,
    counts: rotation.subject,
    attempt: (writing) => rotated(writing, rotation),
  });
}

/** What is asked, checked. */
interface Rotation {
  /** Undefined: as it was. */
  readonly subject: string | undefined;
  readonly graceMs: number;
  /** Undefined: the data stays as it is. */
  readonly patch: ReturnType<typeof checkedPatch> | undefined;
}

function toRotation(request: RotateRequest, { limits }: SessionRoom): Rotation {
  const { subject, mergePatch } = request;
  return {
    patch: mergePatch && checkedPatch(mergePatch, limits.sessionDataBytesMax),
    subject: subject === undefined ? undefined : checkedSubject(subject),
    graceMs: toGraceMs(request),
  };
}

function toGraceMs({ subject, grace }: RotateRequest): number {
  if (grace === undefined) return subject === undefined ? graceMsDefault : 0;
  const ms = durationToMs(grace, "grace");
  if (ms === 0 || subject === undefined) return ms;
  throw invalidField("grace", "must be 0s or absent together with subject", `${ms / 1000}s`);
}

async function rotated(writing: Writing, rotation: Rotation): Promise<RotateResponse> {
  const { tx, tenant, session, nowMs } = writing;
  const { record: before, handle } = session;
  if (session.idUntilMs !== 0) throw alreadyRotated();
  const subject = rotation.subject ?? session.subject;
  const key = sessionKey(tenant.number, { subject, handle });
  if (rotation.subject !== undefined) {
    const { policy } = before;
    await makeRoomOfSubject(tx, { tenant, subject, policy, own: key });
  }
  const sessionId = newSessionId();
  const isChanged = rotation.patch !== undefined || subject !== session.subject;
  const record: SessionRecord = {
    ...before,
    version: isChanged ? nextVersion(before, nowMs) : before.version,
    ...{ usedMs: nowMs, rotatedMs: nowMs },
    ids: [{ digest: digestOf(sessionId), untilMs: 0 }, ...survivors(writing, rotation.graceMs)],
    data: rotation.patch?.(before.data) ?? before.data,
  };
  const expireAt = expiryAfterUse(nowMs, record);
  if (key !== session.key) tx.delete(session.key, leavesSubject);
  tx.put(key, encodeSession(record), expireAt);
  writeFinders(writing, record, { handle, subject, expireAt });
  const response: RotateResponse = {
    $typeName: "tiffin.session.v1.RotateResponse",
    sessionId,
    session: toSession({ handle, subject, record, entry: { expireAt } }),
  };
  const [, old] = record.ids;
  if (old !== undefined) response.oldIdExpireTime = toTimestamp(old.untilMs);
  return response;
}

/** The ids from before that still open the session, at most for as long as it lasts: none after a login, or a rotation without grace. */
function survivors({ session, nowMs }: Writing, graceMs: number): SessionIdRecord[] {
  const { ids, absoluteMs } = session.record;
  const [current, ...former] = ids;
  if (graceMs === 0 || current === undefined) return [];
  return [
    { digest: current.digest, untilMs: Math.min(nowMs + graceMs, absoluteMs) },
    ...former.filter(({ untilMs }) => untilMs > nowMs),
  ].slice(0, formerIdsMax);
}

/** Makes the finder of the new id, and has those of the old ones end when they do. */
function writeFinders(
  { tx, tenant, session }: Writing,
  { ids }: SessionRecord,
  { handle, subject, expireAt }: { handle: string; subject: string; expireAt: number },
): void {
  const finderOf = (digest: string) => finderKey(tenant.number, digest);
  const [current, ...former] = ids;
  if (current !== undefined) {
    tx.put(finderOf(current.digest), encodeFinder({ handle, subject }), expireAt);
  }
  const kept = new Map(former.map(({ digest, untilMs }) => [digest, untilMs]));
  for (const { digest } of session.record.ids) {
    const untilMs = kept.get(digest);
    if (untilMs === undefined) tx.delete(finderOf(digest));
    else tx.setExpiry(finderOf(digest), Math.min(untilMs, expireAt));
  }
}

const graceMsDefault = 10_000;
