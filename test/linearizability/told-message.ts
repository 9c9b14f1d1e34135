import { type Event, EventType, type WatchResponse } from "#gen/tiffin/kv/v1/watch_pb.ts";
import { toSeen } from "./calls.ts";
import type { Seen } from "./keys-model.ts";

/** An event as it was sent. */
export interface ToldEvent {
  readonly type: string;
  readonly revision: number;
  /** Empty for DELETE_RANGE. */
  readonly key: string;
  readonly range?: { readonly start: string; readonly end: string };
  readonly entry?: Seen;
  readonly previous?: Seen;
}

export interface ToldMessage {
  readonly events: readonly ToldEvent[];
  readonly revision: number;
  /** Empty: not a place to resume from. */
  readonly token: string;
}

export const toTold = ({ events, revision, resumeToken }: WatchResponse): ToldMessage => ({
  events: events.map(toToldEvent),
  revision: Number(revision),
  token: resumeToken,
});

function toToldEvent({ type, revision, entry, previous, range }: Event): ToldEvent {
  const isThere = type === EventType.PUT || type === EventType.INITIAL;
  return {
    type: typeNames.get(type) ?? String(type),
    revision: Number(revision),
    key: entry?.key ?? "",
    ...(range && { range: { start: range.start, end: range.end } }),
    ...(isThere && { entry: toSeen(entry) as Seen }),
    ...(previous && { previous: toSeen(previous) as Seen }),
  };
}

const typeNames = new Map<number, string>(
  Object.entries(EventType).map(([name, number]) => [number, name]),
);
