import { EndReason, type Event, EventType } from "#gen/tiffin/session/v1/watch_pb.ts";
import type { Entry, StoreEvent } from "../store/store.ts";
import type { EndedBecause } from "./end-sessions.ts";
import { type LiveSession, type StoredSession, toLiveSession } from "./open-session.ts";
import { toSession } from "./to-session.ts";
import type { Watched } from "./watched.ts";

/** An event on its way, not yet made into a message. */
export interface Pending {
  readonly type: EventType;
  readonly session: LiveSession;
  readonly endReason: EndReason;
}

/** What a commit's events about the watched sessions' records tell of the sessions, as far as the watch wants to know. */
export function pendingEvents(events: readonly StoreEvent[], watched: Watched): Pending[] {
  const comesFromAnother = arrivals(events, watched);
  const found: Pending[] = [];
  for (const event of events) {
    const pending = event.type === "put" ? change(event, comesFromAnother) : end(event, watched);
    if (pending !== undefined && watched.wants(pending.type)) found.push(pending);
  }
  return found;
}

export const initialEvent = (entry: StoredSession): Pending =>
  living(EventType.INITIAL, toLiveSession(entry));

export const toEvent = ({ type, session, endReason }: Pending, revision: bigint): Event => ({
  $typeName: "tiffin.session.v1.Event",
  ...{ type, endReason, revision },
  session: toSession(session),
});

/**
 * Tells, of a session whose record is new, whether it comes from another subject. A watch of all sees where it left; one of a subject does
 * not, but then the session's version says so: it was changed since the session was created.
 */
function arrivals(
  events: readonly StoreEvent[],
  { subject }: Watched,
): (session: LiveSession) => boolean {
  if (subject !== "") return ({ record }) => record.version !== record.createdMs * 1000;
  const left = new Set<string>();
  for (const event of events) {
    if (event.type === "deleted" && event.why === leaves) left.add(live(event.previous).handle);
  }
  return ({ handle }) => left.has(handle);
}

/** What a write of its record tells of a session; undefined: nothing but that it was used. */
function change(
  { entry, previous }: Extract<StoreEvent, { type: "put" }>,
  comesFromAnother: (session: LiveSession) => boolean,
): Pending | undefined {
  const session = live(entry);
  if (previous === undefined) {
    const type = comesFromAnother(session) ? EventType.ROTATED : EventType.CREATED;
    return living(type, session);
  }
  const { record: before } = live(previous);
  const { record } = session;
  if (record.ids[0]?.digest !== before.ids[0]?.digest) return living(EventType.ROTATED, session);
  return record.version === before.version ? undefined : living(EventType.UPDATED, session);
}

function end(
  event: Exclude<StoreEvent, { type: "put" }>,
  { subject }: Watched,
): Pending | undefined {
  // Sessions are neither evicted nor deleted by range.
  if (event.type === "rangeDeleted") return undefined;
  const session = live(event.previous);
  if (event.type !== "deleted") return ended(session, expiryReason(session));
  // Whoever watches all is told of the session where it went.
  if (event.why === leaves && subject === "") return undefined;
  return ended(session, endReasons.get(event.why) ?? EndReason.UNSPECIFIED);
}

const expiryReason = ({ entry, record }: LiveSession): EndReason =>
  (entry.expireAt ?? 0) >= record.absoluteMs ? EndReason.ABSOLUTE : EndReason.IDLE;

const live = (entry: Entry): LiveSession => toLiveSession(entry as StoredSession);

const living = (type: EventType, session: LiveSession): Pending => ({
  ...{ type, session },
  endReason: EndReason.UNSPECIFIED,
});

const ended = (session: LiveSession, endReason: EndReason): Pending => ({
  type: EventType.DELETED,
  ...{ session, endReason },
});

/** Why the record of a session is deleted that goes to another subject. */
const leaves = "subject changed";

const endReasons: ReadonlyMap<string | undefined, EndReason> = new Map<
  EndedBecause | typeof leaves,
  EndReason
>([
  ["logout", EndReason.LOGOUT],
  ["limit", EndReason.LIMIT],
  ["revoked", EndReason.REVOKED],
  [leaves, EndReason.SUBJECT_CHANGED],
]);
