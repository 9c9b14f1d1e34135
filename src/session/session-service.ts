import type { ServiceImpl } from "@connectrpc/connect";
import type { SessionService } from "#gen/tiffin/session/v1/session_service_pb.ts";
import type { Clock } from "../clock.ts";
import { TenantReach } from "../store/layers/tenant-reach.ts";
import type { Store } from "../store/store.ts";
import { create } from "./create.ts";
import { deleteSession } from "./delete.ts";
import { deleteAll } from "./delete-all.ts";
import { deleteBySubject } from "./delete-by-subject.ts";
import { get } from "./get.ts";
import { list } from "./list.ts";
import { listBySubject } from "./list-by-subject.ts";
import { rotate } from "./rotate.ts";
import type { SessionLimits } from "./session-limits.ts";
import type { SessionRoom } from "./session-room.ts";
import { touch } from "./touch.ts";
import { update } from "./update.ts";
import { watch } from "./watch.ts";

export interface SessionServiceOptions {
  /** Opened with `sessionSpaces`. */
  readonly store: Store;
  readonly limits: SessionLimits;
  readonly clock: Clock;
}

/** The session room: each method of the contract, and the file that keeps its promise. */
export function createSessionService(
  options: SessionServiceOptions,
): ServiceImpl<typeof SessionService> {
  const room: SessionRoom = {
    ...options,
    tenants: new TenantReach(options.store),
    watches: { running: 0 },
  };
  return {
    create: (request, context) => create(room, request, context),
    get: (request, context) => get(room, request, context),
    update: (request, context) => update(room, request, context),
    touch: (request, context) => touch(room, request, context),
    rotate: (request, context) => rotate(room, request, context),
    delete: (request, context) => deleteSession(room, request, context),
    listBySubject: (request, context) => listBySubject(room, request, context),
    deleteBySubject: (request, context) => deleteBySubject(room, request, context),
    list: (request, context) => list(room, request, context),
    deleteAll: (request, context) => deleteAll(room, request, context),
    watch: (request, context) => watch(room, request, context),
  };
}
