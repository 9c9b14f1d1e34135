import type { EventType, WatchRequest } from "#gen/tiffin/session/v1/watch_pb.ts";
import type { RpcCall } from "../call.ts";
import { fragmentBytesMax } from "../fragments.ts";
import { type Key, key, type Range, within } from "../store/key.ts";
import type { Place } from "../store/layers/directory.ts";
import { toBeginning, type WatchBeginning } from "../watch-beginning.ts";
import type { SessionLimits } from "./session-limits.ts";
import { sessionsRoot, subjectRoot } from "./session-spaces.ts";
import { checkedSubject } from "./subject.ts";

/** What a watch asks for, checked. */
export interface Watched {
  readonly call: RpcCall;
  /** Empty: all, those of nobody included. */
  readonly subject: string;
  /** For the tokens. */
  readonly query: Key;
  readonly start: WatchBeginning;
  /** What the events of one message take at most, unless one alone takes more. */
  readonly messageBytesMax: number;
  /** Whether events of the type are asked for. */
  readonly wants: (type: EventType) => boolean;
}

export function toWatched(request: WatchRequest, call: RpcCall, limits: SessionLimits): Watched {
  const subject = checkedSubject(request.subject);
  const query = key("session.Watch", call.tenant, subject);
  const types = new Set(request.types);
  return {
    ...{ call, subject, query },
    start: toBeginning(request.start, query),
    messageBytesMax: fragmentBytesMax(limits),
    wants: (type) => types.size === 0 || types.has(type),
  };
}

/** Where the watched sessions are. */
export const watchedRange = ({ subject }: Watched, { number }: Place): Range =>
  within(subject === "" ? sessionsRoot(number) : subjectRoot(number, subject));
