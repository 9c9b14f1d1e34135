import type { HandlerContext } from "@connectrpc/connect";
import type { Event, WatchRequest, WatchResponse } from "#gen/tiffin/kv/v1/watch_pb.ts";
import { rpcCallOf } from "../call.ts";
import { countedWatch } from "../counted-watch.ts";
import { tenantNotFound } from "../errors.ts";
import { fragments } from "../fragments.ts";
import { toResumeToken } from "../resume-token.ts";
import { snapshotPages } from "../snapshot-pages.ts";
import type { ByteString } from "../store/byte-string.ts";
import { only, type Range } from "../store/key.ts";
import type { CommitEvents, Revision } from "../store/store.ts";
import { WatchPull } from "../watch-pull.ts";
import type { Room } from "./room.ts";
import { type Selection, toRange } from "./selector.ts";
import {
  bytesOf,
  initialEvent,
  namespaceDeleted,
  type Pending,
  pendingEvents,
  toEvent,
  wantsInitial,
} from "./watch-events.ts";
import { nameChange, pointAfter, type WatchPoint } from "./watch-start.ts";
import { toWatched, type Watched } from "./watched.ts";

export async function* watch(
  room: Room,
  request: WatchRequest,
  context: HandlerContext,
): AsyncGenerator<WatchResponse> {
  const watched = toWatched(request, rpcCallOf(context), room.limits);
  yield* countedWatch(room, async function* () {
    const point = yield* begin(room, watched);
    yield* follow(room, watched, point);
  });
}

/** Where the watch begins; the entries that are there now are sent on the way, if they were asked for. */
async function* begin(room: Room, watched: Watched): AsyncGenerator<WatchResponse, WatchPoint> {
  const { start, call, namespace } = watched;
  if ("after" in start) return pointAfter(room, watched, start.after);
  if (start.from === "initial") return yield* initialState(room, watched);
  const { head, ...found } = await room.reach.find(call, namespace);
  return { ...found, position: head };
}

async function* initialState(
  { reach, clock }: Room,
  watched: Watched,
): AsyncGenerator<WatchResponse, WatchPoint> {
  const { call, selection } = watched;
  const { snapshot, ...names } = await reach.snapshot(call, watched.namespace);
  try {
    const point = { ...names, position: snapshot.revision };
    yield toResponse([], point.position);
    if (point.namespace === undefined || !wantsInitial(watched)) return point;
    const { entries } = point.namespace;
    const range = toRange(entries, selection);
    const now = (): number => clock.now();
    const pages = { range, descending: false, limit: entriesPerPage, call, now };
    for await (const page of snapshotPages<ByteString>(snapshot, pages)) {
      const events = page.map((entry) => initialEvent(entries, entry));
      for (const part of inMessages(watched, events)) {
        yield toResponse(toEvents(watched, part, point.position), point.position);
      }
    }
    return point;
  } finally {
    snapshot.close();
  }
}

/** Changes from the point on, through every namespace that has the name in turn, to the tenant's or the server's end. */
async function* follow(
  { store, clock }: Room,
  watched: Watched,
  start: WatchPoint,
): AsyncGenerator<WatchResponse> {
  const { call, query, selection } = watched;
  for (let point: WatchPoint = start; ; ) {
    const ranges = rangesOf(point, selection);
    const pull = await WatchPull.open({ store, clock, call, ranges, after: point.position });
    try {
      if (point === start)
        yield toResponse([], start.position, toResumeToken(query, start.position));
      point = yield* untilRenamed(watched, point, pull);
    } finally {
      pull.close();
    }
  }
}

/** Changes while the name stands for the same namespace, or for none; answers where to go on with another. */
async function* untilRenamed(
  watched: Watched,
  point: WatchPoint,
  pull: WatchPull,
): AsyncGenerator<WatchResponse, WatchPoint> {
  for (let reached = point.position; ; ) {
    const commit = await pull.next();
    reached = Math.max(reached, before(commit, pull.position));
    if (commit === undefined) {
      yield toResponse([], reached, toResumeToken(watched.query, reached));
      pull.sent();
      continue;
    }
    const change = nameChange(commit, point);
    if (change.is === "tenant deleted") throw tenantNotFound(watched.call.tenant);
    // The creating commit is read again, now with what it wrote into the namespace.
    if (change.is === "namespace created") {
      return { ...point, namespace: change.namespace, position: reached };
    }
    const isDeleted = change.is === "namespace deleted";
    const events = isDeleted ? namespaceDeleted(watched) : eventsOf(commit, point, watched);
    yield* send(watched, events, { revision: commit.revision, pull });
    reached = commit.revision;
    if (isDeleted) return { ...point, namespace: undefined, position: reached };
  }
}

/** One commit's events; of a commit that has none for this watch, how far it has come, when that is due. */
async function* send(
  watched: Watched,
  events: readonly Pending[],
  { revision, pull }: { revision: Revision; pull: WatchPull },
): AsyncGenerator<WatchResponse> {
  const token = toResumeToken(watched.query, revision);
  const parts = [...inMessages(watched, events)];
  for (const [index, part] of parts.entries()) {
    const isLast = index === parts.length - 1;
    yield toResponse(toEvents(watched, part, revision), revision, isLast ? token : "");
  }
  if (parts.length === 0 && pull.isDue) yield toResponse([], revision, token);
  else if (parts.length === 0) return;
  pull.sent();
}

const eventsOf = (commit: CommitEvents, { namespace }: WatchPoint, watched: Watched): Pending[] =>
  namespace === undefined ? [] : pendingEvents(commit, namespace.entries, watched);

/** How far the watch has come without the commit, which was pulled and is not sent yet. */
const before = (commit: CommitEvents | undefined, position: Revision): Revision =>
  commit === undefined || position < commit.revision ? position : 0;

function rangesOf(
  { tenant, namespaceRecord, namespace }: WatchPoint,
  selection: Selection,
): Range[] {
  const names = [only(tenant.record), only(namespaceRecord)];
  return namespace === undefined ? names : [...names, toRange(namespace.entries, selection)];
}

const inMessages = (watched: Watched, events: readonly Pending[]): Iterable<Pending[]> =>
  fragments(events, (event) => bytesOf(event, watched.view), watched.messageBytesMax);

const toEvents = (watched: Watched, events: readonly Pending[], revision: Revision): Event[] =>
  events.map((event) => toEvent(event, BigInt(revision), watched.view));

const toResponse = (events: Event[], revision: Revision, resumeToken = ""): WatchResponse => ({
  $typeName: "tiffin.kv.v1.WatchResponse",
  events,
  revision: BigInt(revision),
  resumeToken,
});

const entriesPerPage = 1000;
