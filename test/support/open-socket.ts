import { once } from "node:events";
import { connect, type Socket } from "node:net";

/** A connection on which anything can be sent; that it breaks is no error. */
export function openSocket(address: string): Promise<Socket> {
  const [host, port] = address.split(":");
  const socket = connect(Number(port), host);
  socket.on("error", () => undefined);
  return once(socket, "connect").then(() => socket);
}
