import { once } from "node:events";
import { connect } from "node:net";
import { setTimeout as wait } from "node:timers/promises";
import { BytesClient } from "../load/grpc-client.ts";
import type { GrpcPeer } from "../peers/grpc-peer.ts";
import { startPassThrough } from "../peers/pass-through.ts";
import { startTiffin } from "../peers/tiffin.ts";
import { memoryOf } from "../process/process-meter.ts";
import { ServerProcess, untilReady } from "../process/server-process.ts";
import { sample } from "../report/sample.ts";
import type { Table } from "../report/table.ts";

interface Started {
  readonly ms: number;
  readonly residentMiB?: number;
}

interface Starter {
  readonly name: string;
  start(): Promise<Started>;
}

/** From starting the process to its first right answer, and what it then takes while nobody calls. */
export async function startToServing(rounds: number, folder: string): Promise<Table> {
  const starters: readonly Starter[] = [
    { name: "node, which does nothing and ends", start: () => startNothing(folder) },
    {
      name: "grpc-js, bytes passed through",
      start: () => startServer(() => startPassThrough(folder), answersGet),
    },
    { name: "Tiffin", start: () => startServer(() => startTiffin({ folder }), answersServing) },
  ];
  const runs = new Map<string, Started[]>(starters.map(({ name }) => [name, []]));
  // The first round is not counted: it fills the caches of files and of compiled code.
  for (let round = -1; round < rounds; round++) {
    for (const { name, start } of starters) {
      const started = await start();
      if (round >= 0) runs.get(name)?.push(started);
    }
  }
  const rows = [...runs].map(([server, started]) => ({
    server,
    "ms to the first answer": sample(started.map(({ ms }) => ms)),
    "idle, MiB resident": sample(started.map(({ residentMiB }) => residentMiB ?? Number.NaN)),
  }));
  const note = `Tiffin until its health check says SERVING: aim < 500 ms. Idle: ${idleMs / 1000} s later.`;
  return { title: "Start", note, rows };
}

async function startNothing(folder: string): Promise<Started> {
  const start = performance.now();
  const nothing = new ServerProcess({
    name: "node",
    command: process.execPath,
    arguments: ["--eval", "0"],
    folder,
  });
  await nothing.exited();
  return { ms: performance.now() - start };
}

async function startServer(
  starting: () => Promise<GrpcPeer>,
  answers: (client: BytesClient, peer: GrpcPeer) => Promise<void>,
): Promise<Started> {
  const peer = await starting();
  await using server = peer.server;
  await untilReady(server, () => untilListening(peer.address));
  await untilReady(server, async () => {
    using client = new BytesClient(peer.address);
    await answers(client, peer);
  });
  const ms = performance.now() - server.startedAt;
  await wait(idleMs);
  return { ms, residentMiB: memoryOf(server.pid).residentMiB };
}

/** Asked by TCP until then: a gRPC client backs off, and that would be measured. */
async function untilListening(address: string): Promise<void> {
  const [host, port] = address.split(":") as [string, string];
  const socket = connect(Number(port), host);
  try {
    await once(socket, "connect");
  } finally {
    socket.destroy();
  }
}

async function answersGet(client: BytesClient, { calls }: GrpcPeer): Promise<void> {
  calls.get.check(await client.call(calls.get.path, calls.get.request));
}

/** grpc.health.v1.HealthCheckResponse { status: SERVING }. */
async function answersServing(client: BytesClient): Promise<void> {
  const answer = await client.call("/grpc.health.v1.Health/Check", new Uint8Array());
  if (!answer.equals(serving)) throw new Error("not yet SERVING");
}

const serving = Buffer.from([0x08, 0x01]);
const idleMs = 1_000;
