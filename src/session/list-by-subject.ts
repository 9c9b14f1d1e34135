import type { HandlerContext } from "@connectrpc/connect";
import type {
  ListBySubjectRequest,
  ListBySubjectResponse,
} from "#gen/tiffin/session/v1/session_service_pb.ts";
import { rpcCallOf } from "../call.ts";
import { key, within } from "../store/key.ts";
import { listPage } from "./list-page.ts";
import type { SessionRoom } from "./session-room.ts";
import { subjectRoot } from "./session-spaces.ts";
import { checkedSubject } from "./subject.ts";

export async function listBySubject(
  room: SessionRoom,
  { subject: asked, pageSize, pageToken }: ListBySubjectRequest,
  context: HandlerContext,
): Promise<ListBySubjectResponse> {
  const call = rpcCallOf(context);
  const subject = checkedSubject(asked);
  const page = await listPage(room, call, {
    query: key("session.ListBySubject", call.tenant, subject),
    ...{ pageSize, pageToken },
    rangeUnder: ({ number }) => within(subjectRoot(number, subject)),
  });
  return { $typeName: "tiffin.session.v1.ListBySubjectResponse", ...page };
}
