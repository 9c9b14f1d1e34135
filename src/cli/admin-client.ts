import { readFileSync } from "node:fs";
import { connect } from "node:net";
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
  const options =
    address.kind === "unix" ? { createConnection: () => connect({ path: address.path }) } : {};
  const session = new Http2SessionManager(baseUrl, undefined, options);
  const transport = createGrpcTransport({
    baseUrl,
    sessionManager: session,
    interceptors: tokenFile === undefined ? [] : [withToken(readToken(tokenFile))],
  });
  return { client: createClient(AdminService, transport), close: () => session.abort() };
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
