import type { HandlerContext } from "@connectrpc/connect";
import type { WatchRequest, WatchResponse } from "#gen/tiffin/analytics/v1/watch_pb.ts";
import type { SourceChange } from "../analytics-store/analytics-store.ts";
import { rpcCallOf } from "../call.ts";
import { countedWatch } from "../counted-watch.ts";
import { fragmentBytesMax, fragments } from "../fragments.ts";
import { toResumeToken } from "../resume-token.ts";
import type { Place } from "../store/layers/directory.ts";
import type { AnalyticsRoom } from "./analytics-room.ts";
import type { Gathered } from "./change-feed.ts";
import { assertSameTenant, followTenant } from "./followed-tenant.ts";
import { changeBytesOf, toSourceChange } from "./gathered-changes.ts";
import type { WatchWait } from "./watch-wait.ts";
import { toWatchedSources, type WatchedSources } from "./watched-sources.ts";

export async function* watch(
  room: AnalyticsRoom,
  request: WatchRequest,
  context: HandlerContext,
): AsyncGenerator<WatchResponse> {
  const watched = toWatchedSources(request, rpcCallOf(context));
  yield* countedWatch(room, () =>
    followTenant(room, watched.call, (tenant, wait) => follow(room, { watched, tenant, wait })),
  );
}

interface Following {
  readonly watched: WatchedSources;
  readonly tenant: Place;
  readonly wait: WatchWait;
}

/** Changes from where the watch begins on, to the tenant's or the server's end. */
async function* follow(room: AnalyticsRoom, following: Following): AsyncGenerator<WatchResponse> {
  const { watched, wait } = following;
  let position = await begin(room, watched);
  yield toResponse(watched, position);
  wait.dueAfter(progressMs);
  for (let isBehind = watched.after !== undefined; ; ) {
    const why = isBehind ? "behind" : await wait.next();
    if (why === "changed") await wait.pause(watched.intervalMs);
    const gathered = await gather(room, following, position);
    ({ position, isBehind } = gathered);
    const changes = gathered.changes.filter(({ source }) => watched.matches(source));
    if (changes.length > 0) yield* toMessages(room, watched, { changes, position });
    else if (why === "due") yield toResponse(watched, position);
    else continue;
    wait.dueAfter(progressMs);
  }
}

/** The revision after which the watch goes on; `history_gone` when that cannot be. */
async function begin({ series }: AnalyticsRoom, { call, after }: WatchedSources): Promise<number> {
  const { head } = await series.changes(call, { after, limit: 1 });
  return after ?? head;
}

/** What has changed since the position, of all sources. */
async function gather(
  room: AnalyticsRoom,
  { watched: { call }, tenant }: Following,
  position: number,
): Promise<Gathered> {
  const gathered = await room.changes
    .gather(call.tenant, position)
    .catch((error: unknown) => ({ error }));
  // Of another tenant of the name nothing is told, nor that it knows no changes of this one.
  await assertSameTenant(room, call, tenant);
  if ("error" in gathered) throw gathered.error;
  return gathered;
}

/** The changes in messages; where to resume is told in the last, as no watch can resume in the midst of a commit. */
function* toMessages(
  { limits }: AnalyticsRoom,
  watched: WatchedSources,
  { changes, position }: Pick<Gathered, "changes" | "position">,
): Generator<WatchResponse> {
  let last: SourceChange[] | undefined;
  for (const part of fragments(changes, changeBytesOf, fragmentBytesMax(limits))) {
    if (last !== undefined) yield { ...toResponse(watched, position, last), resumeToken: "" };
    last = part;
  }
  if (last !== undefined) yield toResponse(watched, position, last);
}

const toResponse = (
  { query }: WatchedSources,
  position: number,
  changes: readonly SourceChange[] = [],
): WatchResponse => ({
  $typeName: "tiffin.analytics.v1.WatchResponse",
  changes: changes.map(toSourceChange),
  revision: BigInt(position),
  resumeToken: toResumeToken(query, position),
});

/** How long a watch is silent at most. */
const progressMs = 10_000;
