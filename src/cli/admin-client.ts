import { readFileSync } from "node:fs";
import { connect, type Socket } from "node:net";
import { type Client, createClient, type Interceptor } from "@connectrpc/connect";
import { createGrpcTransport, Http2SessionManager } from "@connectrpc/connect-node";
import { AdminService } from "#gen/tiffin/admin/v1/admin_service_pb.ts";
import { type Address, showAddress } from "../rpc/address.ts";
import { CommandFailed } from "./command-failed.ts";

export interface ConnectOptions {
  readonly address: Address;
  readonly tokenFile?: string;
}

/** A client of the server at the address, over gRPC as any other; to be closed. */
export function openAdminClient({ address, tokenFile }: ConnectOptions): {
  readonly client: Client<typeof AdminService>;
  close(): void;
} {
  const baseUrl = address.kind === "unix" ? "http://localhost" : `http://${showAddress(address)}`;
  const sockets: Socket[] = [];
  const createConnection = (): Socket => {
    const socket = address.kind === "unix" ? connect({ path: address.path }) : connect(address);
    sockets.push(socket);
    return socket;
  };
  const session = new Http2SessionManager(baseUrl, undefined, { createConnection });
  const transport = createGrpcTransport({
    baseUrl,
    sessionManager: session,
    interceptors: tokenFile === undefined ? [] : [withToken(readToken(tokenFile))],
  });
  return {
    client: createClient(AdminService, transport),
    close() {
      // The session is left to notice: when it is aborted after what answers spoke no HTTP/2, nobody hears its last error, and the process ends by it.
      for (const socket of sockets) socket.destroy();
    },
  };
}

function readToken(file: string): string {
  const token = readFileSync(file, "utf8").trim();
  if (/^[!-~]+$/.test(token)) return token;
  throw new CommandFailed(`${file}: holds no token`);
}

const withToken =
  (token: string): Interceptor =>
  (next) =>
  (request) => {
    request.header.set("authorization", `Bearer ${token}`);
    return next(request);
  };
