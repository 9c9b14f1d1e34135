import type { HandlerContext } from "@connectrpc/connect";
import {
  type DeleteBySubjectRequest,
  DeleteBySubjectRequestSchema,
  type DeleteBySubjectResponse,
  DeleteBySubjectResponseSchema,
} from "#gen/tiffin/session/v1/session_service_pb.ts";
import { type RpcCall, rpcCallOf } from "../call.ts";
import { invalidField } from "../errors.ts";
import { answerIdentified, type WriteMethod } from "../identified-write.ts";
import { expectAlive, type Place } from "../store/layers/directory.ts";
import type { Locks, Tx } from "../store/store.ts";
import { endedAtOnceMax, endSessions } from "./end-sessions.ts";
import { type SessionSummary, type StoredSession, toSummary } from "./open-session.ts";
import { sessionNotFound } from "./session-errors.ts";
import { isHandle } from "./session-id.ts";
import type { SessionRoom } from "./session-room.ts";
import { sessionKey, subjectRoot } from "./session-spaces.ts";
import { checkedSubject } from "./subject.ts";
import { liveOfSubject } from "./subject-limit.ts";

export async function deleteBySubject(
  room: SessionRoom,
  request: DeleteBySubjectRequest,
  context: HandlerContext,
): Promise<DeleteBySubjectResponse> {
  const choice = { subject: checkedSubject(request.subject), which: request.which };
  for (let endedBefore = 0; ; ) {
    try {
      return await endAll(room, { request, choice, endedBefore }, context);
    } catch (error) {
      if (!(error instanceof MoreThanAtOnce)) throw error;
      endedBefore += await endSome(room, choice, rpcCallOf(context));
    }
  }
}

interface Choice {
  readonly subject: string;
  readonly which: DeleteBySubjectRequest["which"];
}

interface Ending {
  readonly request: DeleteBySubjectRequest;
  readonly choice: Choice;
  readonly endedBefore: number;
}

/** Ends the chosen sessions in one commit; a repeat of the request is answered again what was answered. */
async function endAll(
  { store, tenants }: SessionRoom,
  { request, choice, endedBefore }: Ending,
  context: HandlerContext,
): Promise<DeleteBySubjectResponse> {
  const attempt = async (tx: Tx, tenant: Place): Promise<DeleteBySubjectResponse> => {
    const sessions = await chosen(tx, tenant, choice);
    if (sessions.length > endedAtOnceMax) throw new MoreThanAtOnce();
    endSessions({ tx, tenant }, sessions, "revoked");
    return toResponse(endedBefore + sessions.length);
  };
  const call = rpcCallOf(context);
  if (request.requestId === "") {
    return (await tenants.update(call, locksFor(choice), attempt)).result;
  }
  return tenants.write(call, (tenant) =>
    answerIdentified(store, context, {
      ...{ method, request, tenant: tenant.number, locks: locksFor(choice)(tenant) },
      guard: (tx) => expectAlive(tx, tenant),
      attempt: (tx) => attempt(tx, tenant),
    }),
  );
}

/** Ends as many of the chosen as a commit can, and says how many. */
async function endSome({ tenants }: SessionRoom, choice: Choice, call: RpcCall): Promise<number> {
  const { result } = await tenants.update(call, locksFor(choice), async (tx, tenant) => {
    const sessions = (await chosen(tx, tenant, choice)).slice(0, endedAtOnceMax);
    endSessions({ tx, tenant }, sessions, "revoked");
    return sessions.length;
  });
  return result;
}

/** Imports alone bring a subject more sessions than one commit can end. Never leaves this file. */
class MoreThanAtOnce extends Error {
  constructor() {
    super("the subject has more sessions than one commit can end");
    this.name = "MoreThanAtOnce";
  }
}

const locksFor =
  ({ subject }: Choice) =>
  ({ number }: Place): Locks => ({ exclusive: [subjectRoot(number, subject)] });

/** The sessions to end. The handle of another subject's is none of this one's. */
async function chosen(
  tx: Tx,
  tenant: Place,
  { subject, which }: Choice,
): Promise<SessionSummary[]> {
  switch (which.case) {
    case "all":
      return liveOfSubject(tx, tenant, subject);
    case "handle": {
      if (!isHandle(which.value)) throw sessionNotFound();
      const name = { subject, handle: which.value };
      const found = await tx.get(sessionKey(tenant.number, name));
      if (found === undefined) throw sessionNotFound();
      return [toSummary(found as StoredSession)];
    }
    case "allButHandle": {
      const all = await liveOfSubject(tx, tenant, subject);
      const others = all.filter(({ handle }) => handle !== which.value);
      if (others.length === all.length) throw sessionNotFound();
      return others;
    }
    case undefined:
      throw invalidField("which", "one of all, handle, all_but_handle is required");
  }
}

const toResponse = (count: number): DeleteBySubjectResponse => ({
  $typeName: "tiffin.session.v1.DeleteBySubjectResponse",
  deletedCount: count,
});

const method: WriteMethod<
  typeof DeleteBySubjectRequestSchema,
  typeof DeleteBySubjectResponseSchema
> = {
  name: "session.DeleteBySubject",
  request: DeleteBySubjectRequestSchema,
  response: DeleteBySubjectResponseSchema,
  withoutPrevious: (response) => response,
  stamp: (response) => response,
};
