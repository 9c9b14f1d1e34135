import type { HandlerContext } from "@connectrpc/connect";
import type { Client } from "#gen/tiffin/session/v1/session_pb.ts";
import type { CreateRequest, CreateResponse } from "#gen/tiffin/session/v1/session_service_pb.ts";
import { rpcCallOf } from "../call.ts";
import type { SessionBounded } from "../session-bounds.ts";
import { encodeFinder } from "./finder.ts";
import { expiryAfterUse, wholeMs } from "./lifetime.ts";
import { grantPolicy } from "./policy.ts";
import { checkedData } from "./session-data.ts";
import { digestOf, newHandle, newSessionId } from "./session-id.ts";
import { encodeSession, nextVersion, type SessionRecord } from "./session-record.ts";
import type { SessionRoom } from "./session-room.ts";
import { finderKey, sessionKey, subjectRoot } from "./session-spaces.ts";
import { checkedSubject } from "./subject.ts";
import { makeRoomOfSubject } from "./subject-limit.ts";
import { toSession } from "./to-session.ts";

export async function create(
  { tenants, limits }: SessionRoom,
  request: CreateRequest,
  context: HandlerContext,
): Promise<CreateResponse> {
  const subject = checkedSubject(request.subject);
  const data = checkedData(request.data ?? {}, "data", limits.sessionDataBytesMax);
  const client = toClientRecord(request.client);
  const [sessionId, handle] = [newSessionId(), newHandle()];
  const digest = digestOf(sessionId);
  const { result: session } = await tenants.update(
    rpcCallOf(context),
    ({ number }) => (subject === "" ? {} : { exclusive: [subjectRoot(number, subject)] }),
    async (tx, tenant) => {
      const bounded = await tx.get<SessionBounded>(tenant.record);
      const granted = grantPolicy(request.policy, limits, bounded?.value.sessionBounds);
      const { policy } = granted;
      await makeRoomOfSubject(tx, { tenant, subject, policy });
      const nowMs = wholeMs(tx.now());
      const record: SessionRecord = {
        version: nextVersion(undefined, nowMs),
        ...{ createdMs: nowMs, usedMs: nowMs, rotatedMs: nowMs },
        absoluteMs: nowMs + granted.absoluteTimeoutMs,
        ...{ policy, client, data },
        ids: [{ digest, untilMs: 0 }],
      };
      const expireAt = expiryAfterUse(nowMs, record);
      tx.put(sessionKey(tenant.number, { subject, handle }), encodeSession(record), expireAt);
      tx.put(finderKey(tenant.number, digest), encodeFinder({ handle, subject }), expireAt);
      return toSession({ handle, subject, record, entry: { expireAt } });
    },
  );
  return { $typeName: "tiffin.session.v1.CreateResponse", sessionId, session };
}

function toClientRecord(client: Client | undefined): SessionRecord["client"] {
  if (client === undefined) return { ip: "", agent: "", device: "" };
  return { ip: client.ipAddress, agent: client.userAgent, device: client.deviceName };
}
