import type { HandlerContext } from "@connectrpc/connect";
import type { GetRequest, GetResponse } from "#gen/tiffin/session/v1/session_service_pb.ts";
import { type RpcCall, rpcCallOf } from "../call.ts";
import { toTimestamp } from "../timestamp.ts";
import { readSession } from "./read-session.ts";
import { digestOf } from "./session-id.ts";
import type { SessionRoom } from "./session-room.ts";
import { toSession } from "./to-session.ts";
import { type UsedSession, useSession } from "./use-session.ts";

export async function get(
  room: SessionRoom,
  { sessionId, peek }: GetRequest,
  context: HandlerContext,
): Promise<GetResponse> {
  const call = rpcCallOf(context);
  const read = peek ? peekAt : useSession;
  const { session, idUntilMs } = await read(room, call, sessionId);
  const response: GetResponse = {
    $typeName: "tiffin.session.v1.GetResponse",
    session: toSession(session),
  };
  if (idUntilMs !== 0) response.idExpireTime = toTimestamp(idUntilMs);
  return response;
}

async function peekAt(room: SessionRoom, call: RpcCall, sessionId: string): Promise<UsedSession> {
  const session = await readSession(room, call, digestOf(sessionId));
  return { session, idUntilMs: session.idUntilMs };
}
