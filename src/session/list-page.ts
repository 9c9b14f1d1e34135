import type { Session } from "#gen/tiffin/session/v1/session_pb.ts";
import type { RpcCall } from "../call.ts";
import { fragmentBytesMax } from "../fragments.ts";
import { toPageSize } from "../page-token.ts";
import type { Key } from "../store/key.ts";
import { answerBytesOf } from "./answer-bytes.ts";
import { toLiveSession } from "./open-session.ts";
import {
  nextPageToken,
  readSessionPage,
  type SessionPage,
  type SessionQuery,
} from "./session-page.ts";
import type { SessionRoom } from "./session-room.ts";
import { toSession } from "./to-session.ts";

interface Listing extends Omit<SessionQuery, "limit"> {
  readonly pageSize: number;
}

/** One page as it is answered. */
export async function listPage(
  room: SessionRoom,
  call: RpcCall,
  { pageSize, ...asked }: Listing,
): Promise<{ sessions: Session[]; nextPageToken: string }> {
  const page = await readSessionPage(room, call, { ...asked, limit: toPageSize(pageSize) });
  const { sessions, next } = fill(page, fragmentBytesMax(room.limits) - pageTokenBytesMax);
  return { sessions, nextPageToken: nextPageToken(asked.query, next) };
}

/** As much of the page as an answer has room for, and after which record the next one begins. */
function fill(page: SessionPage, bytesMax: number): { sessions: Session[]; next: Key | undefined } {
  const sessions: Session[] = [];
  let bytes = 0;
  let last: Key | undefined;
  for (const entry of page.entries) {
    const session = toLiveSession(entry);
    bytes += answerBytesOf(session);
    if (bytes > bytesMax && last !== undefined) return { sessions, next: last };
    sessions.push(toSession(session));
    last = session.key;
  }
  return { sessions, next: page.next };
}

/** The token names a session by handle and subject, in base64, with a digest. */
const pageTokenBytesMax = 1024;
