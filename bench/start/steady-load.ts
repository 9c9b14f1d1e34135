import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { frame } from "../load/frame.ts";
import { grpcHeaders } from "../load/h2load.ts";
import { checkAnswers, type GrpcPeer } from "../peers/grpc-peer.ts";
import { cpuMicrosOf, memoryOf } from "../process/process-meter.ts";
import { runToEnd } from "../process/run-to-end.ts";
import { sample } from "../report/sample.ts";
import type { Table } from "../report/table.ts";
import { percentilesOf } from "./percentiles.ts";

interface Steady {
  readonly milliCpu: number;
  readonly residentMiB: number;
  readonly p50: number;
  readonly p99: number;
}

/** What a server takes for a thousand calls a second, half of them reads and half writes. */
export async function steadyLoad(
  peers: readonly GrpcPeer[],
  { rounds, folder }: { readonly rounds: number; readonly folder: string },
): Promise<Table> {
  const runs = new Map<GrpcPeer, Steady[]>(peers.map((peer) => [peer, []]));
  for (const peer of peers) await checkAnswers(peer);
  // Three rounds of eight seconds say as much as many of one.
  for (let round = 0; round < Math.min(3, rounds); round++) {
    for (const peer of peers) runs.get(peer)?.push(await steadily(peer, folder));
  }
  for (const peer of peers) await checkAnswers(peer);
  const rows = [...runs].map(([{ name }, steady]) => ({
    server: name,
    "CPU, thousandths of a core": sample(steady.map(({ milliCpu }) => milliCpu)),
    "MiB resident": sample(steady.map(({ residentMiB }) => residentMiB)),
    "p50 ms": sample(steady.map(({ p50 }) => p50)),
    "p99 ms": sample(steady.map(({ p99 }) => p99)),
  }));
  const note =
    "500 Get and 500 Set a second over 20 connections, which h2load sends in bursts, so that its tails are pessimistic. Dapr publishes 142 and 53 MB.";
  return { title: "A thousand calls a second", note, rows };
}

async function steadily(peer: GrpcPeer, folder: string): Promise<Steady> {
  const { pid } = peer.server;
  const loads = Promise.all([paced(peer, "get", folder), paced(peer, "set", folder)]);
  await wait(settlingMs);
  const [cpu, clock] = [cpuMicrosOf(pid), performance.now()];
  await wait(measuredMs);
  const micros = cpuMicrosOf(pid) - cpu;
  const ms = performance.now() - clock;
  const { residentMiB } = memoryOf(pid);
  const times = (await loads).flat();
  return { milliCpu: micros / ms, residentMiB, ...percentilesOf(times) };
}

/** Half of the load; answers how long each call took, in milliseconds. */
async function paced(peer: GrpcPeer, method: "get" | "set", folder: string): Promise<number[]> {
  const { path, request } = peer.calls[method];
  const [body, log] = [join(folder, `steady-${method}.bin`), join(folder, `steady-${method}.log`)];
  await writeFile(body, frame(request));
  await writeFile(log, "");
  const calls = (callsPerSecond / 2) * ((settlingMs + measuredMs) / 1000 + 1);
  const output = await runToEnd("h2load", [
    ...["-n", String(calls), "-c", String(connections), "-m", "1", "-t", "1"],
    ...["--rps", String(callsPerSecond / 2 / connections), "--log-file", log, "-d", body],
    ...grpcHeaders.flatMap((header) => ["-H", header]),
    `http://${peer.address}${path}`,
  ]);
  try {
    return readLog(await readFile(log, "utf8"), calls);
  } catch (error) {
    throw new Error(`${peer.name}, ${method}: ${output}`, { cause: error });
  }
}

/** A line a call: when it began, its HTTP status, how many microseconds it took. */
function readLog(log: string, calls: number): number[] {
  const lines = log.trimEnd().split("\n");
  const times = lines.map((line) => line.split("\t").map(Number));
  const answered = times.filter(([, status]) => status === 200);
  if (answered.length !== calls) throw new Error(`${answered.length} of ${calls} calls answered`);
  const settled = (times[0]?.[0] ?? 0) + settlingMs * 1000;
  return answered
    .filter(([began = 0]) => began >= settled)
    .map(([, , micros = Number.NaN]) => micros / 1000);
}

const callsPerSecond = 1_000;
/** For each half. */
const connections = 10;
const settlingMs = 2_000;
const measuredMs = 6_000;
