import type { ServiceImpl } from "@connectrpc/connect";
import type { KeyValueService } from "#gen/tiffin/kv/v1/key_value_service_pb.ts";
import type { Clock } from "../clock.ts";
import type { Store } from "../store/store.ts";
import { count } from "./count.ts";
import { batchDelete, deleteKey } from "./delete.ts";
import { deleteRange } from "./delete-range.ts";
import { expire } from "./expire.ts";
import { batchGet, get } from "./get.ts";
import { increment } from "./increment.ts";
import type { KvLimits } from "./kv-limits.ts";
import { list } from "./list.ts";
import { deleteNamespace, listNamespaces } from "./namespaces.ts";
import { Reach } from "./reach.ts";
import type { Room } from "./room.ts";
import { scan } from "./scan.ts";
import { batchSet, set } from "./set.ts";
import { transact } from "./transact.ts";
import { watch } from "./watch.ts";

export interface KeyValueServiceOptions {
  /** Opened with `kvSpaces`. */
  readonly store: Store;
  readonly limits: KvLimits;
  readonly clock: Clock;
}

/** The key-value room: each method of the contract, and the file that keeps its promise. */
export function createKeyValueService({
  store,
  limits,
  clock,
}: KeyValueServiceOptions): ServiceImpl<typeof KeyValueService> {
  const reach = new Reach(store, limits);
  const room: Room = { store, limits, clock, reach, watches: { running: 0 } };
  return {
    get: (request, context) => get(room, request, context),
    batchGet: (request, context) => batchGet(room, request, context),
    set: (request, context) => set(room, request, context),
    delete: (request, context) => deleteKey(room, request, context),
    batchSet: (request, context) => batchSet(room, request, context),
    batchDelete: (request, context) => batchDelete(room, request, context),
    deleteRange: (request, context) => deleteRange(room, request, context),
    transact: (request, context) => transact(room, request, context),
    increment: (request, context) => increment(room, request, context),
    expire: (request, context) => expire(room, request, context),
    list: (request, context) => list(room, request, context),
    count: (request, context) => count(room, request, context),
    scan: (request, context) => scan(room, request, context),
    watch: (request, context) => watch(room, request, context),
    listNamespaces: (request, context) => listNamespaces(room, request, context),
    deleteNamespace: (request, context) => deleteNamespace(room, request, context),
  };
}
