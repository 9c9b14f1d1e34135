import { type Entry, EntryView } from "#gen/tiffin/kv/v1/entry_pb.ts";
import { type Event, EventType } from "#gen/tiffin/kv/v1/watch_pb.ts";
import { type Key, stringAfter } from "../store/key.ts";
import type { CommitEvents, StoreEvent } from "../store/store.ts";
import { answerBytesOf, asStored, type StoredEntry, toEntryInView } from "./entry.ts";
import { fromRange, type Selection, toKeyRange } from "./selector.ts";
import type { Watched } from "./watched.ts";

/** An event on its way, not yet made into a message: what it is of, and its size. */
export interface Pending {
  readonly type: EventType;
  readonly key: string;
  readonly entry?: StoredEntry | undefined;
  readonly previous?: StoredEntry | undefined;
  readonly range?: Selection;
}

/** The commit's events as the watch wants them; `root` is where the namespace's entries are. */
export function pendingEvents(
  { events }: CommitEvents,
  root: Key,
  { types, includePrevious }: Watched,
): Pending[] {
  const found: Pending[] = [];
  for (const event of events) {
    if (!isUnder(root, event)) continue;
    const pending = toPending(event, root, includePrevious);
    if (types === undefined || types.has(pending.type)) found.push(pending);
  }
  return found;
}

/** The whole of what is watched went with its namespace. */
export const namespaceDeleted = ({ types, selection }: Watched): Pending[] =>
  types === undefined || types.has(EventType.DELETE_RANGE)
    ? [{ type: EventType.DELETE_RANGE, key: "", range: selection }]
    : [];

export const wantsInitial = ({ types }: Watched): boolean =>
  types === undefined || types.has(EventType.INITIAL);

export const initialEvent = (root: Key, entry: StoredEntry): Pending => ({
  type: EventType.INITIAL,
  key: stringAfter(root, entry.key),
  entry,
});

export function bytesOf({ key, entry, previous, range }: Pending, view: EntryView): number {
  const keyView = entry === undefined ? EntryView.KEYS : view;
  const shown = entry ?? previous;
  const entryBytes = shown === undefined ? eventBytes : answerBytesOf(key, shown, keyView);
  const previousBytes = previous === undefined ? 0 : answerBytesOf(key, previous, view);
  const rangeBytes = range === undefined ? 0 : 3 * (range.start.length + range.end.length);
  return eventBytes + entryBytes + previousBytes + rangeBytes;
}

export function toEvent(
  { type, key, entry, previous, range }: Pending,
  revision: bigint,
  view: EntryView,
): Event {
  const event: Event = { $typeName: "tiffin.kv.v1.Event", type, revision };
  if (range !== undefined) event.range = toKeyRange(range);
  else event.entry = entry === undefined ? keyAlone(key) : toEntryInView(key, entry, view);
  if (previous !== undefined) event.previous = toEntryInView(key, previous, view);
  return event;
}

function toPending(event: StoreEvent, root: Key, includePrevious: boolean): Pending {
  if (event.type === "rangeDeleted") {
    return { type: EventType.DELETE_RANGE, key: "", range: fromRange(root, event.range) };
  }
  const record = event.type === "put" ? event.entry.key : event.key;
  return {
    type: eventTypes[event.type],
    key: stringAfter(root, record),
    entry: event.type === "put" ? asStored(event.entry) : undefined,
    previous: includePrevious ? asStored(event.previous) : undefined,
  };
}

function isUnder(root: Key, event: StoreEvent): boolean {
  switch (event.type) {
    case "put":
      return event.entry.key.startsWith(root);
    case "rangeDeleted":
      return event.records > 0 && event.range.start.startsWith(root);
    case "deleted":
    case "expired":
    case "evicted":
      return event.key.startsWith(root);
  }
}

const keyAlone = (key: string): Entry => ({
  $typeName: "tiffin.kv.v1.Entry",
  key,
  version: 0n,
  createVersion: 0n,
});

const eventTypes = {
  put: EventType.PUT,
  deleted: EventType.DELETE,
  expired: EventType.EXPIRE,
  evicted: EventType.EVICT,
} as const;

/** A type, a revision, and the messages around what is counted. */
const eventBytes = 48;
