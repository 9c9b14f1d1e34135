import type { Message } from "@bufbuild/protobuf";
import {
  ConnectError,
  type HandlerContext,
  type Interceptor,
  type StreamResponse,
} from "@connectrpc/connect";
import { codeToString } from "@connectrpc/connect/protocol-connect";
import { rpcCallKey } from "../../call.ts";
import { TiffinError } from "../../errors.ts";
import { type Explaining, fromConnect } from "./from-connect.ts";
import { exchangeKey, type HttpExchange } from "./http-exchange.ts";
import { jsonBytesOf } from "./json-options.ts";

/** Runs what precedes the body: Connect calls it when the headers are here, before it reads on. */
export function requestGate(context: HandlerContext): void {
  const exchange = exchangeOf(context.values);
  exchange.clientTimeoutMs = context.timeoutMs();
  try {
    exchange.chain.begin(exchange);
  } catch (error) {
    throw exchange.fail(error);
  }
  const { tenant, deadline, isJson } = exchange;
  const asJson = isJson ? { jsonBytesOf } : {};
  context.values.set(rpcCallKey, { tenant, deadline, signal: context.signal, ...asJson });
}

/** Runs our chain from the decoded request on. One Connect interceptor, so that the order stands in one place. */
export function createConnectInterceptor(
  shutdown: AbortSignal,
  messageBytesMax: number,
): Interceptor {
  return (next) => async (request) => {
    const exchange = exchangeOf(request.contextValues);
    exchange.entered = true;
    exchange.text.read = undefined;
    try {
      if (!request.stream) {
        exchange.chain.check(exchange, request.message);
        return await next(request);
      }
      const message = checked(exchange, request.message, messageBytesMax);
      const response = await next({ ...request, message } as typeof request);
      return response.stream ? guarded(exchange, response, shutdown) : response;
    } catch (error) {
      throw exchange.fail(error);
    }
  };
}

async function* checked(
  exchange: HttpExchange,
  requests: AsyncIterable<Message>,
  messageBytesMax: number,
): AsyncGenerator<Message> {
  try {
    for await (const request of requests) {
      exchange.text.read = undefined;
      exchange.chain.check(exchange, request);
      yield request;
      if (exchange.method?.requestStream === true) exchange.handled();
    }
  } catch (error) {
    throw error instanceof ConnectError
      ? explainedError(error, { exchange, messageBytesMax })
      : error;
  }
}

/** Of a stream, Connect reads the messages when the room asks for them: what it finds wrong passes here. */
function explainedError(error: ConnectError, explaining: Explaining): unknown {
  if (error.cause instanceof TiffinError) return error.cause;
  return fromConnect({ code: codeToString(error.code), message: error.rawMessage }, explaining);
}

function guarded(
  exchange: HttpExchange,
  response: StreamResponse,
  shutdown: AbortSignal,
): StreamResponse {
  return { ...response, message: guardedMessages(exchange, response.message, shutdown) };
}

async function* guardedMessages(
  exchange: HttpExchange,
  answers: AsyncIterable<Message>,
  shutdown: AbortSignal,
): AsyncGenerator<Message> {
  const isEnded = (): boolean => shutdown.aborted && exchange.method?.endless === true;
  try {
    yield* answers;
  } catch (error) {
    throw exchange.fail(isEnded() ? shuttingDown() : error);
  }
  if (isEnded()) throw exchange.fail(shuttingDown());
}

const shuttingDown = (): TiffinError =>
  new TiffinError("shutting_down", "the server is shutting down");

function exchangeOf(values: HandlerContext["values"]): HttpExchange {
  const exchange = values.get(exchangeKey);
  if (exchange === undefined) throw new Error("a call came in by another way than the listener");
  return exchange;
}
