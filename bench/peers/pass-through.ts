import { join } from "node:path";
import { freePort } from "../process/free-port.ts";
import { ServerProcess } from "../process/server-process.ts";
import type { GrpcPeer } from "./grpc-peer.ts";
import { contractCalls } from "./key-value.ts";

export async function startPassThrough(folder: string): Promise<GrpcPeer> {
  const port = await freePort();
  const server = new ServerProcess({
    name: "grpc-js, bytes passed through",
    command: process.execPath,
    arguments: [join(import.meta.dirname, "pass-through-server.ts"), String(port)],
    folder,
  });
  return { name: server.name, server, address: `127.0.0.1:${port}`, calls: contractCalls };
}
