import { type Heat, race } from "../load/race.ts";
import type { GrpcPeer } from "../peers/grpc-peer.ts";
import type { Table } from "../report/table.ts";
import { grpcContender } from "../rpc/grpc-contender.ts";

/** Durable writes by gRPC, by so many writers at once, each sending its next when the one before is answered. */
export async function servedPuts(
  peers: readonly GrpcPeer[],
  { rounds, folder }: { readonly rounds: number; readonly folder: string },
): Promise<Table[]> {
  const contenders = [];
  for (const peer of peers) contenders.push(await grpcContender(peer, folder));
  const tables: Table[] = [];
  for (const [writers, heat] of heats) {
    tables.push(
      await race({
        title: `gRPC Set to disk, ${writers} at once`,
        note: `${heat.shape.connections} connections with ${heat.shape.streams} calls in flight on each; 24-byte key, 128-byte value, one key, synced before it is answered.`,
        ...{ heat, rounds, contenders },
      }),
    );
  }
  return tables;
}

const heats: readonly (readonly [writers: number, heat: Heat])[] = [
  [1, { method: "set", shape: { connections: 1, streams: 1 } }],
  [16, { method: "set", shape: { connections: 4, streams: 4 } }],
  [256, { method: "set", shape: { connections: 16, streams: 16 } }],
];
