import { constants, type ServerHttp2Stream } from "node:http2";
import type { Code } from "@connectrpc/connect";
import {
  Metadata,
  type ServerInterceptingCallInterface,
  type StatusObject,
  status,
} from "@grpc/grpc-js";
import { TiffinError } from "../../errors.ts";
import { errorTable } from "../errors.ts";
import type { Ending, Exchange } from "../exchange.ts";
import type { Chain } from "../interceptors/chain.ts";
import type { RequestsInHandling } from "../requests-in-handling.ts";
import type { ServedMethod } from "../served-method.ts";
import type { UnreadAnswer, UnreadAnswers } from "../unread-answers.ts";
import type { CallContext, CallOfContext } from "./call-context.ts";
import { fromGrpcJs } from "./grpc-js-status.ts";
import { toGrpcStatus } from "./grpc-status.ts";
import type { OpenCalls } from "./open-calls.ts";

/** What every call of a server shares. */
export interface GrpcSurroundings {
  readonly inHandling: RequestsInHandling;
  readonly unreadAnswers: UnreadAnswers;
  readonly openCalls: OpenCalls;
  readonly messageBytesMax: number;
  /** Unix milliseconds. */
  readonly now: () => number;
}

type SendStatus = ServerInterceptingCallInterface["sendStatus"];
/** grpc-js types what a status may lack; it always has these. */
export type Status = Parameters<SendStatus>[0];

const callIsOver = new TiffinError("cancelled", "the call is over");
const ok: Ending = { code: 0, error: undefined };

/**
 * One call, from its headers to its status. It stands where grpc-js would put its own listener and stream objects:
 * headers are judged before anything of the body is read, and no emitter, stream or closure is made for a call.
 */
export abstract class GrpcCall implements Exchange, CallOfContext, UnreadAnswer {
  readonly system = "grpc";
  readonly startedAt = performance.now();
  requestId: string | undefined = undefined;
  deadline: number | undefined = undefined;
  tenant = "default";
  /** Whether its one request is still awaited. */
  receiving = false;
  metadata!: Metadata;
  protected readonly base: ServerInterceptingCallInterface;
  protected readonly surroundings: GrpcSurroundings;
  readonly #chain: Chain;
  readonly #sendStatus: SendStatus;
  #ending: Ending | undefined = undefined;
  #over = false;
  #heldBytes = 0;
  #hasUnread = false;
  #abort: AbortController | undefined = undefined;

  constructor(base: ServerInterceptingCallInterface, chain: Chain, surroundings: GrpcSurroundings) {
    this.base = base;
    this.#chain = chain;
    this.surroundings = surroundings;
    this.#sendStatus = base.sendStatus;
    // grpc-js also ends calls by itself (message too large, deadline, compression), and always through this.
    const owned = base as OwnedCall;
    owned[owner] = this;
    owned.sendStatus = sendSettled;
  }

  abstract readonly method: ServedMethod | undefined;
  abstract onReceiveMessage(bytes: Buffer): void;
  /** The client has sent all it had to send. */
  protected abstract requestEnded(): void;
  /** The first thing after the headers were found good. */
  protected abstract begun(): void;

  /** grpc-js's own handler starts the call with a listener of its own, whose place this takes. */
  start(): void {
    this.base.start(this);
  }

  onReceiveMetadata(metadata: Metadata): void {
    this.metadata = metadata;
    try {
      this.#chain.begin(this);
    } catch (error) {
      this.fail(error);
      return;
    }
    this.surroundings.openCalls.add(this);
    this.begun();
  }

  onReceiveHalfClose(): void {
    // A stream that its client resets ends as well, before it closes: what came is then not all that was to come.
    const { aborted } = (this.base as StreamOwner).stream;
    if (!this.#over && !aborted) this.requestEnded();
  }

  /** The stream is closed: after its status as before it, when the client went away. */
  onCancel(): void {
    if (this.#over) return;
    const error = new TiffinError("cancelled", "the client cancelled the call");
    this.#end({ code: errorTable.cancelled.code, error });
  }

  get over(): boolean {
    return this.#over;
  }

  get peer(): string {
    // As it was when the call began: a connection that is gone does not know its peer any more.
    const { remoteAddress, remotePort } = this.base.getConnectionInfo();
    return remoteAddress === undefined ? "unknown" : `${remoteAddress}:${remotePort}`;
  }

  get clientTimeoutMs(): number | undefined {
    const given = this.base.getDeadline();
    // grpc-js has added its own clock to what the client sent; taking it off again gives that back.
    return given === Number.POSITIVE_INFINITY ? undefined : Number(given) - Date.now();
  }

  get signal(): AbortSignal {
    if (this.#abort === undefined) {
      this.#abort = new AbortController();
      if (this.#over) this.#abort.abort(this.#ending?.error ?? callIsOver);
    }
    return this.#abort.signal;
  }

  header(name: string): string | undefined {
    const values = this.metadata.get(name);
    return values.length === 0 ? undefined : values.join(", ");
  }

  remainingMs(): number | undefined {
    return this.deadline === undefined ? undefined : this.deadline - this.surroundings.now();
  }

  /** Counts a request of so many bytes as held until the call ends. One that was decompressed too late is never held. */
  protected hold(bytes: number): void {
    if (this.#over) return;
    this.surroundings.inHandling.admit(bytes);
    this.#heldBytes += bytes;
  }

  /** Ends the call with an error, unless it is over. */
  fail(thrown: unknown): void {
    if (this.#over) return;
    const error = this.#chain.fail(this, thrown);
    this.#ending = { code: errorTable[error.kind].code, error };
    this.base.sendStatus(toGrpcStatus(error));
  }

  /** Sends an answer; `written` is called once the client's window had room for it. */
  protected sendAnswer(bytes: Uint8Array, written: () => void): void {
    if (bytes.length < unreadBytesMin) {
      this.base.sendMessage(bytes, written);
      return;
    }
    const { unreadAnswers } = this.surroundings;
    this.#hasUnread = true;
    unreadAnswers.add(this, bytes.length);
    this.base.sendMessage(bytes, () => {
      unreadAnswers.delete(this);
      written();
    });
  }

  dropUnread(): void {
    (this.base as StreamOwner).stream.close(constants.NGHTTP2_ENHANCE_YOUR_CALM);
  }

  protected succeed(context: CallContext | undefined): void {
    this.#ending = ok;
    const trailer = context?.writtenTrailer;
    const metadata = trailer === undefined ? null : toMetadata(trailer);
    this.base.sendStatus({ code: status.OK, details: "OK", metadata });
  }

  protected sendHeaderOf(context: CallContext): void {
    const header = context.writtenHeader;
    if (header !== undefined) this.base.sendMetadata(toMetadata(header));
  }

  /** Every status passes here on its way out, ours and grpc-js's own, once. */
  settle(given: Status): Status {
    if (this.#over) return given;
    if (this.#ending !== undefined) {
      this.#end(this.#ending);
      return given;
    }
    const { error, code } = fromGrpcJs(given, this.surroundings.messageBytesMax);
    const answered = this.#chain.fail(this, error);
    this.#end({ code: code as Code, error: answered });
    return { ...toGrpcStatus(answered), code };
  }

  #end(ending: Ending): void {
    this.#ending = ending;
    this.#over = true;
    this.surroundings.openCalls.delete(this);
    if (this.#hasUnread) this.surroundings.unreadAnswers.delete(this);
    if (this.#heldBytes > 0) this.surroundings.inHandling.release(this.#heldBytes);
    // After a good answer nothing waits any more, and telling nobody is not free: an event, and its error's stack.
    if (ending.error !== undefined) this.#abort?.abort(ending.error);
    this.ended(ending.error);
    this.#chain.end(this, ending);
  }

  /** Hook for what still waits when the call ends. */
  protected ended(_error: TiffinError | undefined): void {}

  /** What `sendStatus` of grpc-js does, with a status that has been settled. */
  sendSettled(settled: Status): void {
    this.#sendStatus.call(this.base, settled);
  }
}

/** Smaller answers are bounded by how many streams and connections there may be, and not worth the counting. */
const unreadBytesMin = 4096;

const owner = Symbol("call");
type OwnedCall = ServerInterceptingCallInterface & { [owner]: GrpcCall };
type StreamOwner = ServerInterceptingCallInterface & { readonly stream: ServerHttp2Stream };

/** One function for every call: it finds whose status it sends by what the call carries. */
function sendSettled(this: ServerInterceptingCallInterface, given: Status | StatusObject): void {
  const call = (this as OwnedCall)[owner];
  call.sendSettled(call.settle(given));
}

function toMetadata(headers: Headers): Metadata {
  const metadata = new Metadata();
  for (const [name, value] of headers) {
    metadata.add(name, name.endsWith("-bin") ? Buffer.from(value, "base64") : value);
  }
  return metadata;
}
