import { EntryView } from "#gen/tiffin/kv/v1/entry_pb.ts";
import type { EventType, WatchRequest } from "#gen/tiffin/kv/v1/watch_pb.ts";
import type { RpcCall } from "../call.ts";
import { TiffinError } from "../errors.ts";
import { fragmentBytesMax } from "../fragments.ts";
import { fromResumeToken } from "../resume-token.ts";
import { type Key, key } from "../store/key.ts";
import type { Revision } from "../store/store.ts";
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
  readonly start: { readonly from: "now" | "initial" } | { readonly after: Revision };
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
    start: toStart(request.start, query),
    view: request.view === EntryView.KEYS ? EntryView.KEYS : EntryView.FULL,
    includePrevious: request.includePrevious,
    messageBytesMax: fragmentBytesMax(limits),
    types: request.types.length === 0 ? undefined : new Set(request.types),
  };
}

function toStart(start: WatchRequest["start"], query: Key): Watched["start"] {
  switch (start.case) {
    case "afterRevision":
      return { after: toRevision(start.value) };
    case "resumeToken":
      return { after: fromResumeToken(query, start.value) };
    case "initialState":
      return { from: "initial" };
    case undefined:
      return { from: "now" };
  }
}

/** A number that no revision can be was never answered by a call here. */
function toRevision(asked: bigint): Revision {
  const revision = Number(asked);
  if (Number.isSafeInteger(revision)) return revision;
  throw new TiffinError("history_gone", `after_revision: ${asked} was never a revision here`, {
    metadata: { after: String(asked) },
  });
}

/** What a watch is over; a token of it resumes no other. */
const watchQuery = (tenant: string, namespace: string, { start, end }: Selection): Key =>
  key("Watch", tenant, namespace, start, end);
