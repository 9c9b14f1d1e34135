import { join } from "node:path";
import { freePort } from "../process/free-port.ts";
import { ServerProcess } from "../process/server-process.ts";

export interface HttpPeer {
  readonly name: string;
  readonly server: ServerProcess;
  readonly address: string;
}

export async function startNodeHttp(folder: string): Promise<HttpPeer> {
  const port = await freePort();
  const server = new ServerProcess({
    name: "node:http, JSON over a Map",
    command: process.execPath,
    arguments: [join(import.meta.dirname, "node-http-server.ts"), String(port)],
    folder,
  });
  return { name: server.name, server, address: `127.0.0.1:${port}` };
}
