import { type Contender, type Heat, race } from "../load/race.ts";
import { startEtcd } from "../peers/etcd.ts";
import type { GrpcPeer } from "../peers/grpc-peer.ts";
import { startPassThrough } from "../peers/pass-through.ts";
import { startRedis } from "../peers/redis.ts";
import { startTiffin } from "../peers/tiffin.ts";
import { isInstalled } from "../process/run-to-end.ts";
import { openScratchFolder } from "../process/scratch-folder.ts";
import type { SuiteOptions, SuiteResult } from "../report/suite.ts";
import type { Table } from "../report/table.ts";
import { grpcContender } from "./grpc-contender.ts";
import { redisContender } from "./redis-contender.ts";

/** gRPC Get and Set beside what bounds them from below, and beside what people know. */
export async function benchRpc({ rounds }: SuiteOptions): Promise<SuiteResult> {
  const absent = await absentPrograms();
  if (absent.has("h2load")) return { tables: [], skipped: [...absent.values()] };
  await using stack = new AsyncDisposableStack();
  const { path: folder } = stack.use(await openScratchFolder());
  const contenders: Contender[] = [];
  const enter = async (peer: GrpcPeer): Promise<void> => {
    stack.use(peer.server);
    contenders.push(await grpcContender(peer, folder));
  };
  await enter(await startPassThrough(folder));
  await enter(await startTiffin({ folder }));
  if (!absent.has("etcd")) await enter(await startEtcd(folder));
  if (!absent.has("redis-benchmark")) {
    const redis = await startRedis(folder);
    stack.use(redis.server);
    contenders.push(await redisContender(redis));
  }
  const tables: Table[] = [];
  for (const heat of heats) {
    tables.push(await race({ ...titles(heat), heat, rounds, contenders }));
  }
  return { tables, skipped: [...absent.values()] };
}

async function absentPrograms(): Promise<Map<string, string>> {
  const absent = new Map<string, string>();
  for (const [program, debianPackage] of programs) {
    if (!(await isInstalled(program))) {
      absent.set(program, `rpc: ${program} is not installed (Debian: ${debianPackage})`);
    }
  }
  return absent;
}

function titles({ method, shape }: Heat): { title: string; note: string } {
  const { connections, streams } = shape;
  return {
    title: `gRPC ${method}, ${connections} x ${streams}`,
    note: `${connections} connections with ${streams} calls in flight on each; 24-byte key, 128-byte value, one key. Aim: Tiffin at most 1.25 x the first.`,
  };
}

const heats: readonly Heat[] = [
  { method: "get", shape: { connections: 8, streams: 16 } },
  { method: "set", shape: { connections: 8, streams: 16 } },
  { method: "get", shape: { connections: 1, streams: 1 } },
  { method: "set", shape: { connections: 1, streams: 1 } },
];

const programs = [
  ["h2load", "nghttp2-client"],
  ["etcd", "etcd-server"],
  ["redis-benchmark", "redis-tools"],
] as const;
