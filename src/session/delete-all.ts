import type { HandlerContext } from "@connectrpc/connect";
import type {
  DeleteAllRequest,
  DeleteAllResponse,
} from "#gen/tiffin/session/v1/session_service_pb.ts";
import { rpcCallOf } from "../call.ts";
import { toPageSize } from "../page-token.ts";
import { key, within } from "../store/key.ts";
import type { Place } from "../store/layers/directory.ts";
import type { Tx } from "../store/store.ts";
import { endSessions } from "./end-sessions.ts";
import { type SessionSummary, type StoredSession, toSummary } from "./open-session.ts";
import { nextPageToken, readSessionPage } from "./session-page.ts";
import type { SessionRoom } from "./session-room.ts";
import {
  nameIn,
  type SessionName,
  sessionKey,
  sessionsRoot,
  subjectRoot,
} from "./session-spaces.ts";

/**
 * Ends one page of sessions in one commit. Which they are is read before it, and each of them again in it: others that come and change
 * meanwhile must not make it start anew.
 */
export async function deleteAll(
  room: SessionRoom,
  { pageSize, pageToken }: DeleteAllRequest,
  context: HandlerContext,
): Promise<DeleteAllResponse> {
  const call = rpcCallOf(context);
  const query = key("session.DeleteAll", call.tenant);
  const { entries, next } = await readSessionPage(room, call, {
    ...{ query, pageToken },
    limit: Math.min(toPageSize(pageSize), sessionsPerCommit),
    rangeUnder: ({ number }) => within(sessionsRoot(number)),
  });
  const response: DeleteAllResponse = {
    $typeName: "tiffin.session.v1.DeleteAllResponse",
    deletedCount: 0,
    nextPageToken: nextPageToken(query, next),
  };
  if (entries.length === 0) return response;
  const names = entries.map((entry) => nameIn(entry.key));
  const subjects = [...new Set(names.map(({ subject }) => subject))];
  const { result } = await room.tenants.update(
    call,
    ({ number }) => ({ exclusive: subjects.map((subject) => subjectRoot(number, subject)) }),
    async (tx, tenant) => {
      const live = await stillLive(tx, tenant, names);
      endSessions({ tx, tenant }, live, "revoked");
      return live.length;
    },
  );
  return { ...response, deletedCount: result };
}

/** Those that have not ended meanwhile, nor gone to another subject. */
async function stillLive(
  tx: Tx,
  { number }: Place,
  names: readonly SessionName[],
): Promise<SessionSummary[]> {
  const entries = await Promise.all(names.map((name) => tx.get(sessionKey(number, name))));
  return entries
    .filter((entry) => entry !== undefined)
    .map((entry) => toSummary(entry as StoredSession));
}

/** Each is a record and a finder; the ids in their grace have room beside. */
const sessionsPerCommit = 400;
