import type { RpcCall } from "../call.ts";
import { fromPageToken, toPageToken } from "../page-token.ts";
import type { Key, Range } from "../store/key.ts";
import type { Place } from "../store/layers/directory.ts";
import type { StoredSession } from "./open-session.ts";
import { handleLength } from "./session-id.ts";
import type { SessionRoom } from "./session-room.ts";
import { nameIn, sessionKey } from "./session-spaces.ts";

export interface SessionQuery {
  /** All that the request says but for the page's size and token. */
  readonly query: Key;
  readonly pageToken: string;
  readonly limit: number;
  readonly rangeUnder: (tenant: Place) => Range;
}

export interface SessionPage {
  readonly entries: readonly StoredSession[];
  /** After which record the next page begins. Set even when there are none: a page may examine expired ones alone. */
  readonly next: Key | undefined;
}

/** One page of live sessions, as they were at one moment. */
export async function readSessionPage(
  { tenants, store }: SessionRoom,
  call: RpcCall,
  { query, pageToken, limit, rangeUnder }: SessionQuery,
): Promise<SessionPage> {
  const last = fromPageToken(query, pageToken);
  const { entries, next } = await tenants.readSteadily(call, (tenant) => {
    const after = last === undefined ? {} : { after: keyAt(tenant, last) };
    return store.page(rangeUnder(tenant), { limit, ...after }, call);
  });
  return { entries: entries as StoredSession[], next };
}

/** Asks for the page after the record; none: there is no such page. The handle is in it, and behind it the subject. */
export function nextPageToken(query: Key, next: Key | undefined): string {
  if (next === undefined) return "";
  const { subject, handle } = nameIn(next);
  return toPageToken(query, handle + subject);
}

const keyAt = ({ number }: Place, position: string): Key =>
  sessionKey(number, {
    subject: position.slice(handleLength),
    handle: position.slice(0, handleLength),
  });
