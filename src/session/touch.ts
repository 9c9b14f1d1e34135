import type { HandlerContext } from "@connectrpc/connect";
import type { TouchRequest, TouchResponse } from "#gen/tiffin/session/v1/session_service_pb.ts";
import { rpcCallOf } from "../call.ts";
import { toTimestamp } from "../timestamp.ts";
import type { SessionRoom } from "./session-room.ts";
import { toRenewTime } from "./to-session.ts";
import { useSession } from "./use-session.ts";

export async function touch(
  room: SessionRoom,
  { sessionId }: TouchRequest,
  context: HandlerContext,
): Promise<TouchResponse> {
  const { session, idUntilMs } = await useSession(room, rpcCallOf(context), sessionId);
  const { record, entry } = session;
  const response: TouchResponse = {
    $typeName: "tiffin.session.v1.TouchResponse",
    idleExpireTime: toTimestamp(entry.expireAt ?? record.absoluteMs),
    absoluteExpireTime: toTimestamp(record.absoluteMs),
  };
  const renewTime = toRenewTime(record);
  if (renewTime !== undefined) response.renewTime = renewTime;
  if (idUntilMs !== 0) response.idExpireTime = toTimestamp(idUntilMs);
  return response;
}
