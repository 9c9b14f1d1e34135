import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { frame, frameHeadBytes } from "../load/frame.ts";
import * as http2 from "./http2-frames.ts";

/** What a connection takes its calls from, and gives the answers to. */
export interface Calls {
  /** The next request, encoded; undefined: there are no more. */
  next(): Uint8Array | undefined;
  answered(message: Buffer): void;
}

/**
 * One HTTP/2 connection that calls one method. As light as h2load, beside which a gRPC client of Node's would be slower
 * than the server it is to keep busy; and, unlike h2load, it sends other requests each time and looks at the answers.
 * It knows as much of HTTP/2 as a Tiffin answers with, and fails at everything else.
 */
export class CallConnection {
  readonly #socket: Socket;
  readonly #heads: { first: Buffer; later: Buffer };
  readonly #done = Promise.withResolvers<void>();
  #calls: Calls | undefined;
  #left: Buffer = Buffer.alloc(0);
  #out: Buffer[] = [];
  #stream = 1;
  #open = 0;
  #messages = 0;
  #sendWindow = http2.initialWindow;

  private constructor(socket: Socket, path: string) {
    this.#socket = socket;
    this.#heads = http2.requestHeads(path);
    socket.on("data", (chunk) => this.#read(chunk));
    socket.on("error", this.#done.reject);
    socket.on("close", () => this.#done.reject(new Error("the server closed the connection")));
  }

  static async open(address: string, path: string): Promise<CallConnection> {
    const [host = "", port] = address.split(":");
    const socket = connect({ host, port: Number(port), noDelay: true });
    await once(socket, "connect");
    socket.write(http2.preface);
    return new CallConnection(socket, path);
  }

  /** Keeps so many calls under way until there are no more, then closes. */
  async run(calls: Calls, streams: number): Promise<void> {
    this.#calls = calls;
    for (let stream = 0; stream < streams; stream++) this.#call();
    this.#flush();
    if (this.#open === 0) this.#done.resolve();
    await this.#done.promise;
    this.#socket.destroy();
  }

  #call(): void {
    const request = this.#calls?.next();
    if (request === undefined) return;
    const message = frame(request);
    this.#sendWindow -= message.length;
    if (this.#sendWindow < 0) throw new Error("the server lets no more be sent");
    const head = this.#stream === 1 ? this.#heads.first : this.#heads.later;
    this.#out.push(http2.headers(this.#stream, head), http2.lastData(this.#stream, message));
    this.#stream += 2;
    this.#open++;
  }

  #flush(): void {
    if (this.#out.length > 0) this.#socket.write(Buffer.concat(this.#out));
    this.#out = [];
  }

  #read(chunk: Buffer): void {
    const received = this.#left.length === 0 ? chunk : Buffer.concat([this.#left, chunk]);
    let at = 0;
    try {
      for (;;) {
        const read = http2.frameAt(received, at);
        if (read === undefined) break;
        at = read.end;
        this.#take(read);
      }
      this.#flush();
    } catch (error) {
      this.#done.reject(error);
    }
    this.#left = received.subarray(at);
    if (this.#open === 0) this.#done.resolve();
  }

  #take({ type, flags, payload }: http2.Frame): void {
    const isLast = (flags & http2.endStream) !== 0;
    switch (type) {
      case http2.frameTypes.data:
        if (payload.length === 0) return;
        this.#takeMessage(payload);
        return;
      case http2.frameTypes.headers:
        if (isLast) this.#ended();
        return;
      case http2.frameTypes.settings:
        if ((flags & http2.acknowledged) === 0) this.#out.push(http2.settingsTaken);
        return;
      case http2.frameTypes.ping:
        if ((flags & http2.acknowledged) === 0) this.#out.push(http2.pong(payload));
        return;
      case http2.frameTypes.windowUpdate:
        // Of one call's window nothing is needed: its request fits into what it begins with.
        this.#sendWindow += payload.readUInt32BE(0);
        return;
      default:
        throw new Error(`a frame of type ${type}, which answers calls of no kind here`);
    }
  }

  #takeMessage(payload: Buffer): void {
    if (payload.length !== frameHeadBytes + payload.readUInt32BE(1)) {
      throw new Error("an answer came in parts");
    }
    this.#messages++;
    this.#calls?.answered(payload.subarray(frameHeadBytes));
  }

  /** A call that failed has trailers, and no message before them. */
  #ended(): void {
    if (this.#messages === 0) throw new Error("a call failed");
    this.#messages--;
    this.#open--;
    this.#call();
  }
}
