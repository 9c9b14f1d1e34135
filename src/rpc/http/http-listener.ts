import { once } from "node:events";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { Socket } from "node:net";
import type { Address } from "../address.ts";
import { listen } from "../listen.ts";
import { Turns } from "./turns.ts";

export interface HttpListenerOptions {
  readonly handle: (request: IncomingMessage, response: ServerResponse) => Promise<void>;
  /** Whether the request may take as long as its caller talks. */
  readonly mayLast?: (request: IncomingMessage) => boolean;
  readonly onError: (error: unknown) => void;
  readonly socketMode: number;
  readonly connectionsMax: number;
  /** How long headers may take to arrive. */
  readonly headerMsMax: number;
  /** How long a whole request may take to arrive. */
  readonly requestMsMax: number;
}

/** How often Node looks for requests that are late. */
const checkMs = 1000;

/** HTTP/1.1 on one or more addresses: what concerns connections, and nothing of what is said on them. */
export class HttpListener {
  readonly #options: HttpListenerOptions;
  readonly #servers: Server[] = [];
  readonly #responding = new Set<ServerResponse>();
  readonly #turns = new Turns();
  /** The connections with a request that may last, and whether it has taken longer than another may. */
  readonly #lasting = new WeakMap<Socket, { isLate: boolean }>();
  #idle: (() => void) | undefined;

  constructor(options: HttpListenerOptions) {
    this.#options = options;
  }

  async listen(address: Address): Promise<Address> {
    const { headerMsMax, requestMsMax, connectionsMax, socketMode } = this.#options;
    const server = createServer(
      {
        // Node refuses a shorter time for the whole than for its beginning.
        headersTimeout: Math.min(headerMsMax, requestMsMax),
        requestTimeout: requestMsMax,
        connectionsCheckingInterval: checkMs,
        noDelay: true,
        // Of two Hosts or Authorizations Node would keep the first, and whatever is before us might go by the second.
        joinDuplicateHeaders: true,
      },
      (request, response) => {
        const { socket } = request;
        this.#turns.take(socket, () => this.#serve(request, response, socket));
      },
    );
    server.maxConnections = connectionsMax;
    server.on("clientError", (error: NodeJS.ErrnoException, socket: Socket) => {
      const lasting = this.#lasting.get(socket);
      // Node says it once, and leaves what becomes of the connection to us.
      if (lasting !== undefined && error.code === tooLate) lasting.isLate = true;
      else refuse(error, socket);
    });
    this.#servers.push(server);
    return await listen(server, { address, socketMode });
  }

  /** Takes no new connection, and answers when the last response has been sent. */
  async drain(): Promise<void> {
    for (const server of this.#servers) {
      server.close();
      server.closeIdleConnections();
    }
    for (const response of this.#responding) {
      if (!response.headersSent) response.setHeader("connection", "close");
    }
    if (this.#responding.size === 0) return;
    await new Promise<void>((resolve) => {
      this.#idle = resolve;
    });
  }

  /** Drops whatever is left. */
  async close(): Promise<void> {
    await Promise.all(
      this.#servers.map(async (server) => {
        const closed = server.listening ? once(server.close(), "close") : undefined;
        server.closeAllConnections();
        await closed;
      }),
    );
  }

  #serve(request: IncomingMessage, response: ServerResponse, socket: Socket): void {
    this.#responding.add(response);
    if (this.#options.mayLast?.(request)) this.#lasting.set(socket, { isLate: false });
    response.once("close", () => {
      this.#endLasting(request, socket);
      this.#responding.delete(response);
      if (this.#responding.size === 0) this.#idle?.();
      this.#turns.pass(socket);
    });
    for (const [name, value] of everyAnswer) response.setHeader(name, value);
    this.#options.handle(request, response).catch((error: unknown) => {
      this.#options.onError(error);
      response.destroy();
    });
  }

  /** What is still to come of a request that was answered would now have all the time there is. */
  #endLasting(request: IncomingMessage, socket: Socket): void {
    const lasting = this.#lasting.get(socket);
    this.#lasting.delete(socket);
    if (lasting?.isLate && !request.complete) socket.destroySoon();
  }
}

/** A value opened by its URL must be neither guessed to be a page nor kept. */
const everyAnswer = [
  ["x-content-type-options", "nosniff"],
  ["cache-control", "no-store"],
] as const;

/** What is no HTTP, or came too late: answered as Node does by itself, with the headers every answer has. */
function refuse(error: NodeJS.ErrnoException, socket: Socket): void {
  if (!socket.writable || error.code === "ECONNRESET") {
    socket.destroy();
    return;
  }
  const status = refusals.get(error.code ?? "") ?? "400 Bad Request";
  const headers = everyAnswer.map(([name, value]) => `${name}: ${value}\r\n`).join("");
  socket.end(`HTTP/1.1 ${status}\r\nconnection: close\r\ncontent-length: 0\r\n${headers}\r\n`);
}

const tooLate = "ERR_HTTP_REQUEST_TIMEOUT";

const refusals = new Map([
  ["HPE_HEADER_OVERFLOW", "431 Request Header Fields Too Large"],
  ["HPE_CHUNK_EXTENSIONS_OVERFLOW", "413 Payload Too Large"],
  [tooLate, "408 Request Timeout"],
]);
