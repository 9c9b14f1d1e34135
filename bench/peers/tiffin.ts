import { join } from "node:path";
import { freePort } from "../process/free-port.ts";
import { ServerProcess } from "../process/server-process.ts";
import type { GrpcPeer } from "./grpc-peer.ts";
import { contractCalls } from "./key-value.ts";

export interface Tiffin extends GrpcPeer {
  readonly httpAddress: string;
}

export interface TiffinOptions {
  readonly folder: string;
  /** As in TIFFIN_STORE_URL. */
  readonly storeUrl?: string;
  /** For node itself, before the program: `--cpu-prof` and the like. */
  readonly nodeArguments?: readonly string[];
}

/** Tiffin as `npm start` starts it, everything on, but for its ports. */
export async function startTiffin(options: TiffinOptions): Promise<Tiffin> {
  const { folder, storeUrl = "memory:", nodeArguments = [] } = options;
  const [grpcPort, httpPort] = [await freePort(), await freePort()];
  const address = `127.0.0.1:${grpcPort}`;
  const httpAddress = `127.0.0.1:${httpPort}`;
  const name = storeUrl.startsWith("sqlite:") ? "Tiffin, SQLite" : "Tiffin";
  const server = new ServerProcess({
    name,
    command: process.execPath,
    arguments: [...nodeArguments, join(import.meta.dirname, "../../src/main.ts")],
    environment: {
      TIFFIN_GRPC_ADDRESS: address,
      TIFFIN_HTTP_ADDRESS: httpAddress,
      TIFFIN_STORE_URL: storeUrl,
    },
    folder,
  });
  return { name: server.name, server, address, httpAddress, calls: contractCalls };
}
