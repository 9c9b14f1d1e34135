import { EntryView } from "#gen/tiffin/kv/v1/entry_pb.ts";
import type { EventType, WatchRequest } from "#gen/tiffin/kv/v1/watch_pb.ts";
import type { RpcCall } from "../call.ts";
import { fragmentBytesMax } from "../fragments.ts";
import { type Key, key } from "../store/key.ts";
import { toBeginning, type WatchBeginning } from "../watch-beginning.ts";
import { checkNamespace } from "./checked-key.ts";
import type { KvLimits } from "./kv-limits.ts";
import { type Selection, toSelection } from "./selector.ts";

/** What a watch asks for, checked. */
export interface Watched {
  readonly call: RpcCall;
  readonly namespace: string;
  readonly selection: Selection;
  /** For the tokens. */
  readonly query: Key;
  readonly start: WatchBeginning;
  readonly view: EntryView;
  readonly includePrevious: boolean;
  /** What the events of one message take at most, unless one alone takes more. */
  readonly messageBytesMax: number;
  /** Undefined: all. */
  readonly types: ReadonlySet<EventType> | undefined;
}

export function toWatched(request: WatchRequest, call: RpcCall, limits: KvLimits): Watched {
  const { namespace } = request;
  checkNamespace(namespace);
  const selection = toSelection(request.selector, limits.keyBytesMax);
  const query = watchQuery(call.tenant, namespace, selection);
  return {
    call,
    namespace,
    selection,
    query,
    start: toBeginning(request.start, query),
    view: request.view === EntryView.KEYS ? EntryView.KEYS : EntryView.FULL,
    includePrevious: request.includePrevious,
    messageBytesMax: fragmentBytesMax(limits),
    types: request.types.length === 0 ? undefined : new Set(request.types),
  };
}

/** What a watch is over; a token of it resumes no other. */
const watchQuery = (tenant: string, namespace: string, { start, end }: Selection): Key =>
  key("Watch", tenant, namespace, start, end);
