import { EndReason, type Event, EventType } from "#gen/tiffin/session/v1/watch_pb.ts";
import type { Entry, StoreEvent } from "../store/store.ts";
import { type EndedBecause, leavesSubject } from "./end-sessions.ts";
import {
  type LiveSession,
  type SessionSummary,
  type StoredSession,
  toLiveSession,
  toSummary,
} from "./open-session.ts";
import { nameIn } from "./session-spaces.ts";
import { toSession } from "./to-session.ts";
import type { Watched } from "./watched.ts";

/** What an event says, before the session's data is read. */
interface Told {
  readonly type: EventType;
  readonly entry: Entry;
  readonly endReason?: EndReason;
}

/** An event on its way, not yet made into a message. */
export interface Pending {
  readonly type: EventType;
  readonly session: LiveSession;
  readonly endReason: EndReason;
}

/**
 * What a commit's events about the watched sessions' records tell of the sessions, as far as the watch wants to know. One at a time: a
 * commit may end hundreds of sessions, and their data, once read, takes many times what is stored.
 */
export function* pendingEvents(
  events: readonly StoreEvent[],
  watched: Watched,
): Generator<Pending> {
  const comesFromAnother = arrivals(events, watched);
  for (const event of events) {
    const told = event.type === "put" ? change(event, comesFromAnother) : end(event, watched);
    if (told !== undefined && watched.wants(told.type)) yield toPending(told);
  }
}

export const initialEvent = (entry: StoredSession): Pending =>
  toPending({ type: EventType.INITIAL, entry });

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
): (session: SessionSummary) => boolean {
  if (subject !== "") return ({ record }) => record.version !== record.createdMs * 1000;
  const left = new Set<string>();
  for (const event of events) {
    if (event.type === "deleted" && event.why === leavesSubject) left.add(nameIn(event.key).handle);
  }
  return ({ handle }) => left.has(handle);
}

/** What a write of its record tells of a session; undefined: nothing but that it was used. */
function change(
  { entry, previous }: Extract<StoreEvent, { type: "put" }>,
  comesFromAnother: (session: SessionSummary) => boolean,
): Told | undefined {
  const session = summary(entry);
  if (previous === undefined) {
    return { type: comesFromAnother(session) ? EventType.ROTATED : EventType.CREATED, entry };
  }
  const { record: before } = summary(previous);
  const { record } = session;
  if (record.ids[0]?.digest !== before.ids[0]?.digest) return { type: EventType.ROTATED, entry };
  return record.version === before.version ? undefined : { type: EventType.UPDATED, entry };
}

function end(event: Exclude<StoreEvent, { type: "put" }>, { subject }: Watched): Told | undefined {
  // Sessions are neither evicted nor deleted by range.
  if (event.type === "rangeDeleted") return undefined;
  const { previous: entry } = event;
  if (event.type !== "deleted") return ended(entry, expiryReason(entry));
  // Whoever watches all is told of the session where it went.
  if (event.why === leavesSubject && subject === "") return undefined;
  return ended(entry, endReasons.get(event.why) ?? EndReason.UNSPECIFIED);
}

const expiryReason = (entry: Entry): EndReason =>
  (entry.expireAt ?? 0) >= summary(entry).record.absoluteMs ? EndReason.ABSOLUTE : EndReason.IDLE;

const ended = (entry: Entry, endReason: EndReason): Told => ({
  type: EventType.DELETED,
  ...{ entry, endReason },
});

const summary = (entry: Entry): SessionSummary => toSummary(entry as StoredSession);

const toPending = ({ type, entry, endReason = EndReason.UNSPECIFIED }: Told): Pending => ({
  ...{ type, endReason },
  session: toLiveSession(entry as StoredSession),
});

const endReasons: ReadonlyMap<string | undefined, EndReason> = new Map<
  EndedBecause | typeof leavesSubject,
  EndReason
>([
  ["logout", EndReason.LOGOUT],
  ["limit", EndReason.LIMIT],
  ["revoked", EndReason.REVOKED],
  [leavesSubject, EndReason.SUBJECT_CHANGED],
]);
