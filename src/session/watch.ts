import type { HandlerContext } from "@connectrpc/connect";
import {
  EventType,
  type WatchRequest,
  type WatchResponse,
} from "#gen/tiffin/session/v1/watch_pb.ts";
import { rpcCallOf } from "../call.ts";
import { countedWatch } from "../counted-watch.ts";
import { tenantNotFound } from "../errors.ts";
import { fragments } from "../fragments.ts";
import { toResumeToken } from "../resume-token.ts";
import { snapshotPages } from "../snapshot-pages.ts";
import type { ByteString } from "../store/byte-string.ts";
import { only } from "../store/key.ts";
import type { Place } from "../store/layers/directory.ts";
import type { CommitEvents, Revision, StoreEvent } from "../store/store.ts";
import { checkTenantSince } from "../watch-beginning.ts";
import { WatchPull } from "../watch-pull.ts";
import { answerBytesOf } from "./answer-bytes.ts";
import type { SessionRoom } from "./session-room.ts";
import { initialEvent, type Pending, pendingEvents, toEvent } from "./watch-events.ts";
import { toWatched, type Watched, watchedRange } from "./watched.ts";

export async function* watch(
  room: SessionRoom,
  request: WatchRequest,
  context: HandlerContext,
): AsyncGenerator<WatchResponse> {
  const watched = toWatched(request, rpcCallOf(context), room.limits);
  yield* countedWatch(room, async function* () {
    const point = yield* begin(room, watched);
    yield* follow(room, watched, point);
  });
}

/** How far a watch has come, and in which tenant. */
interface WatchPoint {
  readonly tenant: Place;
  readonly position: Revision;
}

/** Where the watch begins; the sessions that are there now are sent on the way, if they were asked for. */
async function* begin(
  room: SessionRoom,
  watched: Watched,
): AsyncGenerator<WatchResponse, WatchPoint> {
  const { start, call } = watched;
  if ("from" in start && start.from === "initial") return yield* initialState(room, watched);
  const { tenant, head } = await room.tenants.read(call, () => []);
  if ("from" in start) return { tenant, position: head };
  checkTenantSince(tenant, start.after);
  return { tenant, position: start.after };
}

async function* initialState(
  { tenants, clock }: SessionRoom,
  watched: Watched,
): AsyncGenerator<WatchResponse, WatchPoint> {
  const { call } = watched;
  const { snapshot, tenant } = await tenants.snapshot(call);
  try {
    const point = { tenant, position: snapshot.revision };
    yield toResponse([], point.position);
    if (!watched.wants(EventType.INITIAL)) return point;
    const range = watchedRange(watched, tenant);
    const now = (): number => clock.now();
    const pages = { range, descending: false, limit: sessionsPerPage, call, now };
    for await (const page of snapshotPages<ByteString>(snapshot, pages)) {
      for (const part of inMessages(watched, page.values().map(initialEvent))) {
        yield toResponse(part, point.position);
      }
    }
    return point;
  } finally {
    snapshot.close();
  }
}

/** Changes from the point on, to the tenant's or the server's end. */
async function* follow(
  { store, clock }: SessionRoom,
  watched: Watched,
  { tenant, position }: WatchPoint,
): AsyncGenerator<WatchResponse> {
  const { call, query } = watched;
  const ranges = [only(tenant.record), watchedRange(watched, tenant)];
  const pull = await WatchPull.open({ store, clock, call, ranges, after: position });
  try {
    yield toResponse([], position, toResumeToken(query, position));
    for (let reached = position; ; ) {
      const commit = await pull.next();
      reached = commit?.revision ?? Math.max(reached, pull.position);
      if (commit === undefined) yield progress(watched, reached, pull);
      else yield* send(watched, tenant, { commit, pull });
    }
  } finally {
    pull.close();
  }
}

/** One commit's events; of a commit that has none for this watch, how far it has come, when that is due. */
async function* send(
  watched: Watched,
  tenant: Place,
  { commit, pull }: { commit: CommitEvents; pull: WatchPull },
): AsyncGenerator<WatchResponse> {
  const { revision } = commit;
  const ofSessions: StoreEvent[] = [];
  for (const event of commit.events) {
    if (!isOf(event, tenant)) ofSessions.push(event);
    else if (event.type === "deleted") throw tenantNotFound(tenant.name);
  }
  let last: Pending[] | undefined;
  for (const part of inMessages(watched, pendingEvents(ofSessions, watched))) {
    if (last !== undefined) yield toResponse(last, revision);
    last = part;
  }
  if (last !== undefined) {
    yield toResponse(last, revision, toResumeToken(watched.query, revision));
    pull.sent();
  } else if (pull.isDue) yield progress(watched, revision, pull);
}

function progress({ query }: Watched, reached: Revision, pull: WatchPull): WatchResponse {
  pull.sent();
  return toResponse([], reached, toResumeToken(query, reached));
}

/** Whether the event is about the tenant's own record. */
const isOf = (event: StoreEvent, { record }: Place): boolean =>
  event.type === "put"
    ? event.entry.key === record
    : event.type !== "rangeDeleted" && event.key === record;

const inMessages = ({ messageBytesMax }: Watched, events: Iterable<Pending>): Iterable<Pending[]> =>
  fragments(events, ({ session }) => answerBytesOf(session), messageBytesMax);

const toResponse = (
  events: readonly Pending[],
  revision: Revision,
  resumeToken = "",
): WatchResponse => ({
  $typeName: "tiffin.session.v1.WatchResponse",
  events: events.map((event) => toEvent(event, BigInt(revision))),
  revision: BigInt(revision),
  resumeToken,
});

const sessionsPerPage = 1000;
