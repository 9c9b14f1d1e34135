import { once } from "node:events";
import { lstat, unlink } from "node:fs/promises";
import { connect, type Server } from "node:net";
import { type Address, showAddress } from "./address.ts";
import { ListenRefusal } from "./listen-refusal.ts";

export interface ListenOptions {
  readonly address: Address;
  /** Permissions of a Unix socket. */
  readonly socketMode: number;
}

/** Binds a server, and answers where: port 0 has become a port. Whoever calls this closes the server. */
export async function listen(server: Server, options: ListenOptions): Promise<Address> {
  try {
    return await bind(server, options);
  } catch (error) {
    throw new ListenRefusal(showAddress(options.address), { cause: error });
  }
}

async function bind(server: Server, { address, socketMode }: ListenOptions): Promise<Address> {
  if (address.kind === "tcp") {
    server.listen({ host: address.host, port: address.port });
    await bound(server);
    const actual = server.address();
    if (actual === null || typeof actual === "string") throw new Error("the server has no port");
    return { kind: "tcp", host: actual.address, port: actual.port };
  }
  await removeStale(address.path);
  // listen() binds a Unix socket before it returns, so the mask is changed for no one else, and the socket is never
  // there with wider permissions, as it would be with a chmod after.
  const before = process.umask(0o777 & ~socketMode);
  try {
    server.listen({ path: address.path });
  } finally {
    process.umask(before);
  }
  await bound(server);
  return address;
}

/** `once` rejects when the server emits an error first. */
async function bound(server: Server): Promise<void> {
  if (!server.listening) await once(server, "listening");
}

/** A socket nobody answers at was left by a process that ended; one that somebody answers at is theirs. */
async function removeStale(path: string): Promise<void> {
  const found = await lstat(path).catch(ifAbsent);
  if (found === undefined) return;
  if (!found.isSocket()) throw new Error(`${path} exists and is not a socket`);
  if (await isAnswered(path)) throw new Error(`another process listens on ${path}`);
  await unlink(path).catch(ifAbsent);
}

function ifAbsent(error: NodeJS.ErrnoException): undefined {
  if (error.code === "ENOENT") return undefined;
  throw error;
}

async function isAnswered(path: string): Promise<boolean> {
  const socket = connect({ path });
  try {
    await once(socket, "connect");
    return true;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ECONNREFUSED" || code === "ENOENT") return false;
    throw error;
  } finally {
    socket.destroy();
  }
}
