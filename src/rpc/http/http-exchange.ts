import type { IncomingMessage } from "node:http";
import type { Socket } from "node:net";
import { type ConnectError, createContextKey } from "@connectrpc/connect";
import { TiffinError } from "../../errors.ts";
import { errorTable } from "../errors.ts";
import type { Ending, Exchange } from "../exchange.ts";
import type { Chain } from "../interceptors/chain.ts";
import type { RequestsInHandling } from "../requests-in-handling.ts";
import type { ServedMethod } from "../served-method.ts";
import { toConnectError } from "./connect-error.ts";
import type { RequestText } from "./request-text.ts";

/** One call over HTTP, as the interceptors see it. */
export class HttpExchange implements Exchange {
  readonly system = "connectrpc";
  readonly startedAt = performance.now();
  readonly method: ServedMethod | undefined;
  readonly chain: Chain;
  readonly peer: string;
  clientTimeoutMs: number | undefined = undefined;
  requestId: string | undefined = undefined;
  deadline: number | undefined = undefined;
  tenant = "default";
  /** Whether a request was read and given to the interceptors. */
  entered = false;
  /** Of what is being read. */
  readonly text: RequestText = { read: undefined };
  readonly #request: IncomingMessage;
  readonly #socket: Socket;
  readonly #inHandling: RequestsInHandling;
  #heldBytes = 0;
  #error: TiffinError | undefined = undefined;

  constructor(
    request: IncomingMessage,
    called: { readonly method: ServedMethod | undefined; readonly chain: Chain },
    inHandling: RequestsInHandling,
  ) {
    this.#request = request;
    // A request that ends early lets go of its socket, which forgets its peer.
    this.#socket = request.socket;
    const { remoteAddress, remotePort } = this.#socket;
    this.peer = remoteAddress === undefined ? "unknown" : `${remoteAddress}:${remotePort}`;
    this.method = called.method;
    this.chain = called.chain;
    this.#inHandling = inHandling;
  }

  /** What the call failed with, if it did. */
  get error(): TiffinError | undefined {
    return this.#error;
  }

  /** Whether the request stands in the URL. */
  get isQuery(): boolean {
    return this.#request.method === "GET";
  }

  /** Whether it is answered as JSON. */
  get isJson(): boolean {
    const { url = "" } = this.#request;
    const type = this.isQuery ? /[?&]encoding=([^&]*)/.exec(url)?.[1] : this.header("content-type");
    return type?.includes("json") === true;
  }

  header(name: string): string | undefined {
    // Node has joined repeated ones: the listener tells it to.
    const value = this.#request.headers[name];
    return Array.isArray(value) ? value.join(", ") : value;
  }

  /** Records the failure, and answers it as Connect sends it. */
  fail(thrown: unknown): ConnectError {
    // An answer that cannot be written any more fails inside the stream that gives it; that is no defect of ours.
    const isGone = this.#socket.destroyed && !(thrown instanceof TiffinError);
    this.#error = this.chain.fail(this, isGone ? clientGone(thrown) : thrown);
    return toConnectError(this.#error);
  }

  /** Counts bytes of the body as they arrive. */
  async *counted(body: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
    for await (const chunk of body) {
      try {
        this.#inHandling.admit(chunk.length);
      } catch (error) {
        throw this.fail(error);
      }
      this.#heldBytes += chunk.length;
      yield chunk;
    }
  }

  /** A request of a stream has been handled: what has come of the body so far was read by then. */
  handled(): void {
    this.#inHandling.release(this.#heldBytes);
    this.#heldBytes = 0;
  }

  /** The answer has been written, or will never be. */
  end(otherwise?: TiffinError): void {
    this.handled();
    const error = this.#error ?? otherwise;
    const ending: Ending = { code: error === undefined ? 0 : errorTable[error.kind].code, error };
    this.chain.end(this, ending);
  }
}

/** The client went away before it was answered. */
export const clientGone = (cause?: unknown): TiffinError =>
  new TiffinError("cancelled", "the client went away", { cause });

export const exchangeKey = createContextKey<HttpExchange | undefined>(undefined, {
  description: "the exchange",
});
