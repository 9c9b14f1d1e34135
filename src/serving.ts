import type { IncomingMessage } from "node:http";
import type { Logger } from "pino";
import { file_google_rpc_error_details } from "#gen/google/rpc/error_details_pb.ts";
import { Health as HealthDescriptor } from "#gen/grpc/health/v1/health_pb.ts";
import { ServerReflection } from "#gen/grpc/reflection/v1/reflection_pb.ts";
import { ServerReflection as ServerReflectionAlpha } from "#gen/grpc/reflection/v1alpha/reflection_pb.ts";
import { file_tiffin_error_v1_error_reason } from "#gen/tiffin/error/v1/error_reason_pb.ts";
import type { Clock } from "./clock.ts";
import type { Config } from "./config.ts";
import { TiffinError } from "./errors.ts";
import type { Metrics } from "./observability/metrics.ts";
import { showAddress } from "./rpc/address.ts";
import { DescriptorIndex } from "./rpc/descriptor-index.ts";
import { GrpcServer } from "./rpc/grpc/grpc-server.ts";
import { Health } from "./rpc/health.ts";
import { createHttpHandler, createOpsHandler } from "./rpc/http/http-handler.ts";
import { HttpListener } from "./rpc/http/http-listener.ts";
import { pathOf } from "./rpc/http/rpc-handler.ts";
import { shareEncodingBuffer } from "./rpc/inside-protobuf.ts";
import { createTokenCheck } from "./rpc/interceptors/authentication.ts";
import { createChain } from "./rpc/interceptors/chain.ts";
import { createRequestValidators, warmUp } from "./rpc/interceptors/validation.ts";
import { createReflection } from "./rpc/reflection.ts";
import { RequestsInHandling } from "./rpc/requests-in-handling.ts";
import { type ServedService, serve, servedMethods } from "./rpc/served-method.ts";
import { UnreadAnswers } from "./rpc/unread-answers.ts";

export interface ServingOptions {
  readonly config: Config;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: Metrics;
  readonly newId: () => string;
  /** What is served, Health and reflection apart. */
  readonly services: readonly ServedService[];
}

/** Where a server listens, as clients write it. */
export interface Addresses {
  readonly grpc: string[];
  readonly http: string[];
  readonly ops: string[];
}

/** The listeners and what stands between them and the services. */
export class Serving {
  readonly health: Health;
  readonly #config: Config;
  readonly #grpc: GrpcServer;
  readonly #http: HttpListener;
  readonly #ops: HttpListener;
  readonly #shutdown = new AbortController();

  constructor(options: ServingOptions) {
    const { config } = options;
    shareEncodingBuffer();
    this.#config = config;
    this.health = new Health(options.services.map(({ service }) => service.typeName));
    const services = withHealthAndReflection(options, this.health);
    const validators = createRequestValidators();
    warmUp(
      validators,
      servedMethods(services).map(({ served }) => served),
    );
    const { metrics, logger } = options;
    const shared = {
      ...options,
      ...config,
      services,
      shutdown: this.#shutdown.signal,
      inHandling: new RequestsInHandling(config.requestBytesMax),
      unreadAnswers: new UnreadAnswers(config.answerBytesMax),
      chainOf: createChain({
        ...options,
        ...config,
        token: config.authToken,
        callMetrics: metrics.calls,
        validators,
      }),
      connectionsMax: config.connectionsMax,
      streamsPerConnectionMax: config.streamsMax,
      bodyMsMax: config.requestMsMax,
    };
    this.#grpc = new GrpcServer(shared);
    measureHeld(metrics, shared);
    const onError = (error: unknown): void =>
      logger.error({ err: error }, "an HTTP request failed");
    const probes = { isReady: () => this.health.serving, metrics: () => metrics.read() };
    this.#http = new HttpListener({
      ...config,
      onError,
      mayLast: ofRequestStreams(services),
      handle: createHttpHandler({
        ...shared,
        ...probes,
        allowedHosts: config.httpAllowedHosts,
        allowedOrigins: config.httpAllowedOrigins,
        mayReadMetrics: createMetricsDoor(config.authToken),
      }),
    });
    const handleOps = createOpsHandler({ ...probes, mayReadMetrics: () => true });
    this.#ops = new HttpListener({ ...config, onError, handle: handleOps });
  }

  /** Listens everywhere it was told to, then says that it serves. */
  async start(): Promise<Addresses> {
    const { grpcAddresses, httpAddresses, opsAddresses } = this.#config;
    const addresses: Addresses = { grpc: [], http: [], ops: [] };
    for (const address of grpcAddresses) {
      addresses.grpc.push(showAddress(await this.#grpc.listen(address)));
    }
    for (const address of httpAddresses) {
      addresses.http.push(showAddress(await this.#http.listen(address)));
    }
    for (const address of opsAddresses) {
      addresses.ops.push(showAddress(await this.#ops.listen(address)));
    }
    this.health.serving = true;
    return addresses;
  }

  /** Takes nothing new, ends the watches, and waits for the calls that are open. The probes go on. */
  async drain(): Promise<void> {
    this.health.serving = false;
    this.#shutdown.abort(new TiffinError("shutting_down", "the server is shutting down"));
    await Promise.all([this.#grpc.drain(), this.#http.drain()]);
  }

  /** As `drain`, but waits no longer than so many milliseconds; answers whether every call has ended. */
  async drainWithin(ms: number): Promise<boolean> {
    const { promise: late, resolve } = Promise.withResolvers<boolean>();
    const timer = setTimeout(() => resolve(false), ms);
    try {
      return await Promise.race([this.drain().then(() => true), late]);
    } finally {
      clearTimeout(timer);
    }
  }

  /** Drops whatever is still open. */
  async close(): Promise<void> {
    this.health.serving = false;
    this.#shutdown.abort(new TiffinError("shutting_down", "the server is shutting down"));
    await Promise.all([this.#grpc.close(), this.#http.close(), this.#ops.close()]);
  }
}

function withHealthAndReflection(
  { services, config }: ServingOptions,
  health: Health,
): ServedService[] {
  const served = [
    ...services,
    serve(HealthDescriptor, health.service, { authenticated: false, tenanted: false }),
  ];
  if (!config.reflection) return served;
  const index = new DescriptorIndex(
    [...served.map(({ service }) => service), ServerReflection, ServerReflectionAlpha],
    [file_google_rpc_error_details, file_tiffin_error_v1_error_reason],
  );
  const reflection = createReflection(index);
  const policy = { authenticated: true, tenanted: false };
  return [
    ...served,
    serve(ServerReflection, reflection, policy),
    serve(ServerReflectionAlpha, reflection, policy),
  ];
}

/** Requests of methods that take a stream of messages. */
function ofRequestStreams(
  services: readonly ServedService[],
): (request: IncomingMessage) => boolean {
  const streams = servedMethods(services).filter(({ served }) => served.requestStream);
  const paths = new Set(streams.map(({ served }) => `/${served.name}`));
  return (request) => paths.has(pathOf(request));
}

/** On the port that everyone calls, the metrics are behind the token like everything else. */
function createMetricsDoor(
  token: string | undefined,
): (request: { readonly headers: { readonly authorization?: string | undefined } }) => boolean {
  if (token === undefined) return () => true;
  const isAuthorized = createTokenCheck(token);
  return ({ headers }) => isAuthorized(headers.authorization);
}

/** What calls hold in memory, on either side of the room. */
function measureHeld(
  metrics: Metrics,
  held: { readonly inHandling: RequestsInHandling; readonly unreadAnswers: UnreadAnswers },
): void {
  metrics.gauge({
    name: "tiffin_request_bytes",
    help: "Bytes of the requests being handled.",
    read: () => held.inHandling.bytes,
  });
  metrics.gauge({
    name: "tiffin_unread_answer_bytes",
    help: "Bytes of the answers that their clients have not read yet.",
    read: () => held.unreadAnswers.bytes,
  });
}
