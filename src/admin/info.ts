import { timestampFromMs } from "@bufbuild/protobuf/wkt";
import { Durability, type InfoResponse } from "#gen/tiffin/admin/v1/admin_service_pb.ts";
import type { Capabilities, Revision } from "../store/store.ts";
import type { AdminRoom } from "./admin-room.ts";

export async function info(room: AdminRoom): Promise<InfoResponse> {
  const { store } = room;
  const { engine, durable, shared, snapshots } = store.capabilities;
  const { floor, head } = await store.historySpan();
  return {
    $typeName: "tiffin.admin.v1.InfoResponse",
    tiffinVersion: room.tiffinVersion,
    nodeVersion: process.version,
    startTime: timestampFromMs(Math.floor(room.startedAt)),
    currentTime: timestampFromMs(Math.floor(store.now())),
    engine,
    durability: durabilities[durable],
    shared,
    nativeSnapshots: snapshots === "native",
    historyFloor: BigInt(floor),
    historyHead: BigInt(head),
    historyFloorTime: timeOf(floor),
    historyHeadTime: timeOf(head),
    limits: Object.entries(store.limits).map(([name, value]) => ({
      $typeName: "tiffin.admin.v1.StoreLimit",
      name,
      value: BigInt(value),
    })),
  };
}

/** A revision is the time of its commit in microseconds, unless commits came faster, or from elsewhere. */
export const timeOf = (revision: Revision) => timestampFromMs(Math.floor(revision / 1000));

const durabilities: Record<Capabilities["durable"], Durability> = {
  no: Durability.NONE,
  process: Durability.PROCESS,
  power: Durability.POWER,
};
