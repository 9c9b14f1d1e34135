import type { HandlerContext } from "@connectrpc/connect";
import type { ListRequest, ListResponse } from "#gen/tiffin/session/v1/session_service_pb.ts";
import { rpcCallOf } from "../call.ts";
import { key, within } from "../store/key.ts";
import { listPage } from "./list-page.ts";
import type { SessionRoom } from "./session-room.ts";
import { sessionsRoot } from "./session-spaces.ts";

export async function list(
  room: SessionRoom,
  { pageSize, pageToken }: ListRequest,
  context: HandlerContext,
): Promise<ListResponse> {
  const call = rpcCallOf(context);
  const page = await listPage(room, call, {
    query: key("session.List", call.tenant),
    ...{ pageSize, pageToken },
    rangeUnder: ({ number }) => within(sessionsRoot(number)),
  });
  return { $typeName: "tiffin.session.v1.ListResponse", ...page };
}
