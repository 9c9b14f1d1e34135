import type { IncomingMessage, ServerResponse } from "node:http";
import { type ConnectError, createConnectRouter, createContextValues } from "@connectrpc/connect";
import type {
  UniversalHandler,
  UniversalServerRequest,
  UniversalServerResponse,
} from "@connectrpc/connect/protocol";
import { codeToHttpStatus, errorToJsonBytes } from "@connectrpc/connect/protocol-connect";
import {
  compressionBrotli,
  compressionGzip,
  universalRequestFromNodeRequest,
  universalResponseToNodeResponse,
} from "@connectrpc/connect-node";
import type { Chain } from "../interceptors/chain.ts";
import { methodNotFound } from "../method-not-found.ts";
import type { RequestsInHandling } from "../requests-in-handling.ts";
import { type ServedMethod, type ServedService, servedMethods } from "../served-method.ts";
import type { UnreadAnswer, UnreadAnswers } from "../unread-answers.ts";
import { createConnectInterceptor, requestGate } from "./connect-interceptor.ts";
import { refuseRoundedIntegers } from "./exact-integers.ts";
import { explained } from "./explained-response.ts";
import { clientGone, exchangeKey, HttpExchange } from "./http-exchange.ts";
import { jsonOptions } from "./json-options.ts";
import { keepingText } from "./request-text.ts";

export interface RpcHandlerOptions {
  readonly services: readonly ServedService[];
  readonly chainOf: (method: ServedMethod | undefined) => Chain;
  readonly inHandling: RequestsInHandling;
  readonly unreadAnswers: UnreadAnswers;
  readonly messageBytesMax: number;
  /** Ends what would never end by itself. */
  readonly shutdown: AbortSignal;
}

export type NodeHandler = (request: IncomingMessage, response: ServerResponse) => Promise<void>;

interface Route {
  readonly method: ServedMethod;
  readonly chain: Chain;
  readonly handle: UniversalHandler;
}

const compressMinBytes = 1024;

/** Serves the services over Connect and gRPC-Web; any other path is a method that is not here. */
export function createRpcHandler(options: RpcHandlerOptions): NodeHandler {
  const routes = createRoutes(options);
  const unknown = options.chainOf(undefined);
  return async (request, response) => {
    const path = pathOf(request);
    const route = routes.get(path);
    if (route === undefined) {
      const called = { method: undefined, chain: unknown };
      answerUnknown(path, new HttpExchange(request, called, options.inHandling), response);
      return;
    }
    const exchange = new HttpExchange(request, route, options.inHandling);
    const called = (): Promise<void> => call(route, { request, response, exchange }, options);
    await (exchange.isJson ? keepingText(exchange.text, called) : called());
  };
}

export const pathOf = (request: IncomingMessage): string =>
  (request.url ?? "/").split("?", 1)[0] ?? "/";

interface Called {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly exchange: HttpExchange;
}

async function call(
  route: Route,
  { request, response, exchange }: Called,
  { unreadAnswers, messageBytesMax }: RpcHandlerOptions,
): Promise<void> {
  const values = createContextValues().set(exchangeKey, exchange);
  try {
    const read = universalRequestFromNodeRequest(request, response, undefined, values);
    const body = exchange.counted(read.body as AsyncIterable<Uint8Array>);
    const answer = await route.handle({ ...read, body } as UniversalServerRequest);
    const sent = await explained(answer, exchange, messageBytesMax);
    // Connect's promise waits for an event that responses do not emit: that the answer is out, `close` tells.
    const closed = new Promise<void>((resolve) => response.once("close", resolve));
    const unread = { dropUnread: () => response.destroy() };
    const counted = { ...sent, body: asRead(sent.body, unread, unreadAnswers) };
    await Promise.race([universalResponseToNodeResponse(counted, response), closed]);
  } catch (error) {
    if (exchange.error === undefined) exchange.fail(error);
    response.destroy();
  } finally {
    exchange.end(response.writableEnded ? undefined : clientGone());
  }
}

/** Counts each part of the body as unread until the next is asked for, which is when the response has room again. */
async function* asRead(
  body: UniversalServerResponse["body"],
  answer: UnreadAnswer,
  unreadAnswers: UnreadAnswers,
): AsyncGenerator<Uint8Array> {
  try {
    for await (const part of body ?? []) {
      unreadAnswers.add(answer, part.length);
      yield part;
      unreadAnswers.delete(answer);
    }
  } finally {
    unreadAnswers.delete(answer);
  }
}

function answerUnknown(path: string, exchange: HttpExchange, response: ServerResponse): void {
  let error: ConnectError;
  try {
    exchange.chain.begin(exchange);
    error = exchange.fail(methodNotFound(path));
  } catch (refused) {
    error = exchange.fail(refused);
  }
  // Connect's own clients take 404 for UNIMPLEMENTED, and people take it for what it is.
  const status = exchange.error?.kind === "method_not_found" ? 404 : codeToHttpStatus(error.code);
  response.setHeader("content-type", "application/json");
  const body = errorToJsonBytes(error, {});
  response.writeHead(status, { "content-length": body.length }).end(body);
  exchange.end();
}

function createRoutes(options: RpcHandlerOptions): Map<string, Route> {
  refuseRoundedIntegers();
  const router = createConnectRouter({
    grpc: false,
    acceptCompression: [compressionGzip, compressionBrotli],
    compressMinBytes,
    readMaxBytes: options.messageBytesMax,
    writeMaxBytes: options.messageBytesMax,
    jsonOptions,
    requestGate,
    interceptors: [createConnectInterceptor(options.shutdown, options.messageBytesMax)],
  });
  const byPath = new Map<string, ServedMethod>();
  for (const { served, run } of servedMethods(options.services)) {
    // Only the endless are told of the shutdown: all others are to finish.
    const ended = served.endless ? { shutdownSignal: options.shutdown } : undefined;
    router.rpc(served.descriptor, run as never, ended);
    byPath.set(`/${served.name}`, served);
  }
  return new Map(
    router.handlers.map((handle) => {
      const method = byPath.get(handle.requestPath);
      if (method === undefined) throw new Error(`${handle.requestPath} was not asked for`);
      return [handle.requestPath, { method, chain: options.chainOf(method), handle }];
    }),
  );
}
