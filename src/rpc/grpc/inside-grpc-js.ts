import type { IncomingHttpHeaders, ServerHttp2Stream } from "node:http2";
import type { Server } from "@grpc/grpc-js";

/** What is changed inside grpc-js, for which it has no option. Looked at again with every new version of it. */
interface Inside {
  _retrieveHandler(path: string): object | null;
  _streamHandler(extra: unknown, stream: ServerHttp2Stream, headers: IncomingHttpHeaders): void;
}

/** What grpc-js has to know of a method: that its messages are bytes to it. */
const passThrough = {
  handle: (): void => undefined,
  serialize: (bytes: Uint8Array) => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length),
  deserialize: (bytes: Buffer) => bytes,
};

/**
 * Registers the methods, and has grpc-js give every other path to us as well: it would answer those by itself,
 * without details, unlogged and before authentication.
 */
export function registerEveryPath(server: Server, paths: readonly string[]): void {
  const { handle, serialize, deserialize } = passThrough;
  for (const path of paths) server.register(path, handle, serialize, deserialize, "unary");
  const inside = server as unknown as Inside;
  const known = inside._retrieveHandler.bind(server);
  inside._retrieveHandler = (path) =>
    known(path) ?? { func: handle, serialize, deserialize, type: "unary", path };
}

/**
 * Cuts timeouts to what a timer takes: grpc-js takes its milliseconds as a signed 32-bit number, so that a call with
 * 25 days to go would be over before it began. To be called before the server takes its first connection.
 */
export function shortenTimeouts(server: Server): void {
  const inside = server as unknown as Inside;
  const handle = inside._streamHandler.bind(server);
  inside._streamHandler = (...call) => {
    const [, , headers] = call;
    const timeout = headers["grpc-timeout"];
    if (typeof timeout === "string") headers["grpc-timeout"] = shortened(timeout);
    handle(...call);
  };
}

function shortened(timeout: string): string {
  const [, digits, unit] = /^(\d{1,8})([HMS])$/.exec(timeout) ?? [];
  const seconds = Number(digits) * (secondsOf.get(unit ?? "") ?? Number.NaN);
  return seconds > secondsMax ? `${secondsMax}S` : timeout;
}

/** The units in which eight digits can be too much. */
const secondsOf = new Map([
  ["H", 3600],
  ["M", 60],
  ["S", 1],
]);
const secondsMax = Math.floor((2 ** 31 - 1) / 1000);
