import type { HandlerContext } from "@connectrpc/connect";
import type { DeleteRequest, DeleteResponse } from "#gen/tiffin/session/v1/session_service_pb.ts";
import { rpcCallOf } from "../call.ts";
import { TiffinError } from "../errors.ts";
import { endSessions } from "./end-sessions.ts";
import { readSession } from "./read-session.ts";
import { digestOf } from "./session-id.ts";
import type { SessionRoom } from "./session-room.ts";
import { writeSession } from "./write-session.ts";

export async function deleteSession(
  room: SessionRoom,
  { sessionId }: DeleteRequest,
  context: HandlerContext,
): Promise<DeleteResponse> {
  const call = rpcCallOf(context);
  try {
    const found = await readSession(room, call, digestOf(sessionId));
    await writeSession(room, call, {
      found,
      attempt: (writing) => endSessions(writing, [writing.session], "logout"),
    });
  } catch (error) {
    // The same answer, whether there was a session or not.
    if (!(error instanceof TiffinError && error.kind === "session_not_found")) throw error;
  }
  return { $typeName: "tiffin.session.v1.DeleteResponse" };
}
