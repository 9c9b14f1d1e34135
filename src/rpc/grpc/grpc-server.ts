import { once } from "node:events";
import { createServer, type Server as NetServer, type Socket } from "node:net";
import {
  type ConnectionInjector,
  Server,
  ServerCredentials,
  type ServerInterceptingCall,
  type ServerInterceptingCallInterface,
  type ServerInterceptor,
  type ServerOptions,
} from "@grpc/grpc-js";
import type { Clock } from "../../clock.ts";
import type { Address } from "../address.ts";
import type { Chain } from "../interceptors/chain.ts";
import { listen } from "../listen.ts";
import type { RequestsInHandling } from "../requests-in-handling.ts";
import { type ServedMethod, type ServedService, servedMethods } from "../served-method.ts";
import type { UnreadAnswers } from "../unread-answers.ts";
import type { GrpcSurroundings } from "./grpc-call.ts";
import type { GrpcMethod } from "./grpc-method.ts";
import { registerEveryPath, shortenTimeouts } from "./inside-grpc-js.ts";
import { OpenCalls } from "./open-calls.ts";
import { StreamingCall } from "./streaming-call.ts";
import { UnaryCall } from "./unary-call.ts";
import { UnknownCall } from "./unknown-call.ts";

export interface GrpcServerOptions {
  readonly services: readonly ServedService[];
  readonly chainOf: (method: ServedMethod | undefined) => Chain;
  readonly inHandling: RequestsInHandling;
  readonly unreadAnswers: UnreadAnswers;
  readonly clock: Clock;
  readonly socketMode: number;
  /** The largest message, either way. */
  readonly messageBytesMax: number;
  readonly connectionsMax: number;
  readonly streamsPerConnectionMax: number;
  /** After how long a connection takes no new calls; 0: never. */
  readonly connectionAgeMsMax: number;
  /** After how long without a call a connection is closed; 0: never. */
  readonly connectionIdleMsMax: number;
  /** How long a request may take to arrive. */
  readonly bodyMsMax: number;
}

const keepaliveMs = 30_000;
const keepaliveTimeoutMs = 10_000;
const flushMsMax = 1000;

/** The gRPC listener: grpc-js speaks the protocol, calls are ours from their headers on. */
export class GrpcServer {
  readonly #options: GrpcServerOptions;
  readonly #server: Server;
  readonly #injector: ConnectionInjector;
  readonly #openCalls: OpenCalls;
  readonly #listeners: NetServer[] = [];
  readonly #sockets = new Set<Socket>();
  #lastClosed: (() => void) | undefined;

  constructor(options: GrpcServerOptions) {
    this.#options = options;
    this.#openCalls = new OpenCalls(options);
    const methods = new Map(toMethods(options).map((method) => [method.path, method]));
    this.#server = new Server({
      ...toServerOptions(options),
      interceptors: [this.#takeOver(methods)],
    });
    registerEveryPath(this.#server, [...methods.keys()]);
    shortenTimeouts(this.#server);
    this.#injector = this.#server.createConnectionInjector(ServerCredentials.createInsecure());
  }

  get openCalls(): number {
    return this.#openCalls.size;
  }

  /** Starts to listen; answers where. */
  async listen(address: Address): Promise<Address> {
    const listener = createServer({ noDelay: true }, (socket) => this.#accept(socket));
    listener.maxConnections = this.#options.connectionsMax;
    this.#listeners.push(listener);
    return await listen(listener, { address, socketMode: this.#options.socketMode });
  }

  /** Takes no new connection or call, ends the watches, and answers when the last call has ended and its status is out. */
  async drain(): Promise<void> {
    for (const listener of this.#listeners) listener.close();
    const drained = this.#openCalls.drained();
    // Says GOAWAY on every connection; each closes when what its calls were answered has been written. When that is,
    // the sockets tell: grpc-js calls back at once, since Node 24 has already marked the sessions closed by then.
    this.#server.tryShutdown(() => undefined);
    await drained;
    await this.#flushed();
  }

  /** Drops whatever is left. */
  async close(): Promise<void> {
    const closed = this.#listeners
      .filter((listener) => listener.listening)
      .map((listener) => once(listener.close(), "close"));
    this.#openCalls.close();
    this.#injector.destroy();
    this.#server.forceShutdown();
    for (const socket of this.#sockets) socket.destroy();
    await Promise.all(closed);
  }

  async #flushed(): Promise<void> {
    if (this.#sockets.size === 0) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#lastClosed = resolve;
    // A client that never ends its side of a call keeps its connection open; that is no reason to wait long.
    const cancel = this.#options.clock.after(flushMsMax, resolve);
    await promise;
    cancel();
  }

  #accept(socket: Socket): void {
    this.#sockets.add(socket);
    socket.once("close", () => {
      this.#sockets.delete(socket);
      if (this.#sockets.size === 0) this.#lastClosed?.();
    });
    this.#injector.injectConnection(socket);
  }

  /** An interceptor that gives grpc-js a call of ours in place of one that wraps its own. */
  #takeOver(methods: ReadonlyMap<string, GrpcMethod>): ServerInterceptor {
    const { chainOf, inHandling, unreadAnswers, clock, messageBytesMax } = this.#options;
    const surroundings: GrpcSurroundings = {
      inHandling,
      unreadAnswers,
      openCalls: this.#openCalls,
      messageBytesMax,
      now: () => clock.now(),
    };
    const unknown = chainOf(undefined);
    return ({ path }, base) => {
      const method = methods.get(path);
      const call =
        method === undefined
          ? new UnknownCall(base, unknown, surroundings).named(path)
          : openCall(base, method, surroundings);
      // grpc-js asks nothing of what an interceptor answers but `start`.
      return call as unknown as ServerInterceptingCall;
    };
  }
}

function openCall(
  base: ServerInterceptingCallInterface,
  method: GrpcMethod,
  surroundings: GrpcSurroundings,
): UnaryCall | StreamingCall {
  const { requestStream, responseStream } = method.served;
  return requestStream || responseStream
    ? new StreamingCall(base, method, surroundings)
    : new UnaryCall(base, method, surroundings);
}

const toMethods = ({ services, chainOf }: GrpcServerOptions): GrpcMethod[] =>
  servedMethods(services).map(({ served, run }) => ({
    path: `/${served.name}`,
    served,
    chain: chainOf(served),
    run,
  }));

const toServerOptions = (options: GrpcServerOptions): ServerOptions => ({
  "grpc.enable_channelz": 0,
  "grpc.max_receive_message_length": options.messageBytesMax,
  "grpc.max_send_message_length": options.messageBytesMax,
  "grpc.max_concurrent_streams": options.streamsPerConnectionMax,
  "grpc.keepalive_time_ms": keepaliveMs,
  "grpc.keepalive_timeout_ms": keepaliveTimeoutMs,
  // Not given at all where there is no limit: idle connections are found by watching every call.
  ...(options.connectionAgeMsMax > 0 && {
    "grpc.max_connection_age_ms": options.connectionAgeMsMax,
  }),
  ...(options.connectionIdleMsMax > 0 && {
    "grpc.max_connection_idle_ms": options.connectionIdleMsMax,
  }),
});
