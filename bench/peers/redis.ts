import { connect } from "node:net";
import { freePort } from "../process/free-port.ts";
import { runToEnd } from "../process/run-to-end.ts";
import { ServerProcess, untilReady } from "../process/server-process.ts";
import { benchKey, benchValue } from "./key-value.ts";

export interface Redis {
  readonly server: ServerProcess;
  readonly port: number;
}

/** Redis without persistence, and without io threads: as its package starts it but for the snapshots. */
export async function startRedis(folder: string): Promise<Redis> {
  const port = await freePort();
  const server = new ServerProcess({
    name: "Redis",
    command: "redis-server",
    arguments: ["--port", String(port), "--bind", "127.0.0.1", "--save", "", "--dir", folder],
    folder,
  });
  return { server, port };
}

/** Sees that a GET answers what was SET, by Redis's own protocol. */
export async function checkRedis({ server, port }: Redis): Promise<void> {
  await untilReady(server, async () => {
    const set = `SET ${benchKey} "${benchValue.toString()}"\r\nGET ${benchKey}\r\n`;
    const expected = `+OK\r\n$${benchValue.length}\r\n${benchValue.toString()}\r\n`;
    const answer = await exchange(port, set, expected.length);
    if (answer !== expected) throw new Error(`Redis answered ${answer}`);
  });
}

export interface RedisLoad {
  readonly port: number;
  readonly command: "GET" | "SET";
  readonly connections: number;
  readonly streams: number;
  readonly calls: number;
}

/** The same load from redis-benchmark, pipelining as many calls as h2load has streams. Answers calls per second. */
export async function runRedisBenchmark(load: RedisLoad): Promise<number> {
  const output = await runToEnd("redis-benchmark", [
    ...["-p", String(load.port), "-c", String(load.connections), "-P", String(load.streams)],
    ...["-n", String(load.calls), "--csv"],
    ...[load.command, benchKey, ...(load.command === "SET" ? [benchValue.toString()] : [])],
  ]);
  const row = output.trimEnd().split("\n").at(-1) ?? "";
  return Number(/"([\d.]+)"(?:,"[\d.]+"){6}$/.exec(row)?.[1]);
}

function exchange(port: number, sent: string, length: number): Promise<string> {
  return new Promise((resolve, reject) => {
    let received = "";
    const socket = connect(port, "127.0.0.1", () => socket.write(sent));
    socket.setTimeout(exchangeMs, () => socket.destroy(new Error("Redis does not answer")));
    socket.on("error", reject);
    socket.setEncoding("latin1").on("data", (chunk) => {
      received += chunk;
      if (received.length < length) return;
      socket.end();
      resolve(received);
    });
  });
}

const exchangeMs = 2_000;
