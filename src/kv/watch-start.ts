import { type Key, only } from "../store/key.ts";
import type { Numbered, Place } from "../store/layers/directory.ts";
import type { CommitEvents, Revision, StoreEvent } from "../store/store.ts";
import { checkTenantSince } from "../watch-beginning.ts";
import { entriesRoot } from "./kv-spaces.ts";
import type { Found, TenantPlace } from "./places.ts";
import type { Room } from "./room.ts";
import type { Watched } from "./watched.ts";

/** How far a watch has come, and what the names it watches stood for there. */
export interface WatchPoint {
  readonly tenant: Pick<Place, "record" | "number">;
  readonly namespaceRecord: Key;
  /** Undefined: there was no such namespace at the position. */
  readonly namespace: WatchedNamespace | undefined;
  readonly position: Revision;
}

export interface WatchedNamespace {
  readonly created: Revision;
  readonly entries: Key;
}

/** The point just after what the caller has seen already. */
export async function pointAfter(
  room: Room,
  { call, namespace }: Watched,
  after: Revision,
): Promise<WatchPoint> {
  const found = await room.reach.find(call, namespace);
  const { tenant, namespaceRecord, namespace: now } = found;
  checkTenantSince(tenant, after);
  const isSince = now !== undefined && now.created <= after;
  return {
    tenant,
    namespaceRecord,
    namespace:
      isSince || after >= found.head ? now : await namespaceAt(room, call, { found, after }),
    position: after,
  };
}

/** The namespace may have been deleted, or created anew, since then: the first that happened to its record tells. */
async function namespaceAt(
  { store }: Room,
  call: Watched["call"],
  { found, after }: { found: Found & { head: Revision }; after: Revision },
): Promise<WatchedNamespace | undefined> {
  const watch = await store.watch([only(found.namespaceRecord)], after, call);
  for await (const { events } of watch.until(found.head)) {
    const [event] = events;
    // Of a creation there is no previous record: then there was none.
    const before = event?.type === "deleted" ? event.previous : undefined;
    return before && toWatchedNamespace(found.tenant, before);
  }
  return undefined;
}

/** What the record says, as the store had it. */
export function toWatchedNamespace(
  tenant: Pick<TenantPlace, "number">,
  record: { readonly value: unknown; readonly created: Revision },
): WatchedNamespace {
  const { number } = record.value as Numbered;
  return { created: record.created, entries: entriesRoot(tenant.number, number) };
}

/** What the commit did to the namespace watched, or to its tenant. */
export type NameChange =
  | { readonly is: "none" | "namespace deleted" | "tenant deleted" }
  | { readonly is: "namespace created"; readonly namespace: WatchedNamespace };

export function nameChange({ events }: CommitEvents, point: WatchPoint): NameChange {
  for (const event of events) {
    const change = event.type === "put" ? creation(event, point) : deletion(event, point);
    if (change !== undefined) return change;
  }
  return { is: "none" };
}

function creation({ entry }: PutEvent, point: WatchPoint): NameChange | undefined {
  if (entry.key !== point.namespaceRecord) return undefined;
  const namespace = toWatchedNamespace(point.tenant, entry);
  const isNew = namespace.created !== point.namespace?.created;
  return isNew ? { is: "namespace created", namespace } : undefined;
}

function deletion(event: StoreEvent, point: WatchPoint): NameChange | undefined {
  if (event.type !== "deleted") return undefined;
  if (event.key === point.namespaceRecord && point.namespace !== undefined) {
    return { is: "namespace deleted" };
  }
  return event.key === point.tenant.record ? { is: "tenant deleted" } : undefined;
}

type PutEvent = Extract<StoreEvent, { type: "put" }>;
