import type { RpcCall } from "../call.ts";
import { fromPageToken, toPageToken } from "../page-token.ts";
import { child, type Key, partsOf, type Range } from "../store/key.ts";
import type { Place } from "../store/layers/directory.ts";
import { type LiveSession, type StoredSession, toLiveSession } from "./open-session.ts";
import type { SessionRoom } from "./session-room.ts";
import { subjectRoot } from "./session-spaces.ts";

export interface SessionQuery {
  /** All that the request says but for the page's size and token. */
  readonly query: Key;
  readonly pageToken: string;
  readonly limit: number;
  readonly rangeUnder: (tenant: Place) => Range;
}

export interface SessionPage {
  readonly sessions: readonly LiveSession[];
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
  return { sessions: (entries as StoredSession[]).map(toLiveSession), next };
}

/** Asks for the page after the record; none: there is no such page. The handle is in it, and behind it the subject. */
export function nextPageToken(query: Key, next: Key | undefined): string {
  if (next === undefined) return "";
  const [, , subject, handle] = partsOf(next) as [number, string, string, string];
  return toPageToken(query, handle + subject);
}

const keyAt = ({ number }: Place, position: string): Key =>
  child(subjectRoot(number, position.slice(handleLength)), position.slice(0, handleLength));

const handleLength = 22;
