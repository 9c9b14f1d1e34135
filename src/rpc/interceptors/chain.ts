import type { Message } from "@bufbuild/protobuf";
import type { TiffinError } from "../../errors.ts";
import type { Ending, Exchange } from "../exchange.ts";
import type { ServedMethod } from "../served-method.ts";
import { type AuthenticationOptions, authentication } from "./authentication.ts";
import { type DeadlineOptions, deadline } from "./deadline.ts";
import { errors } from "./errors.ts";
import type { Interceptor, InterceptorFactory } from "./interceptor.ts";
import { type LoggingOptions, logging } from "./logging.ts";
import { type MetricsOptions, metrics } from "./metrics.ts";
import { type RequestIdOptions, requestId } from "./request-id.ts";
import { tenant } from "./tenant.ts";
import { type ValidationOptions, validation } from "./validation.ts";

export type ChainOptions = RequestIdOptions &
  LoggingOptions &
  MetricsOptions &
  AuthenticationOptions &
  DeadlineOptions &
  ValidationOptions;

/** The interceptors, and their order, on both transports. */
const interceptors = (options: ChainOptions): InterceptorFactory[] => [
  requestId(options),
  logging(options),
  metrics(options),
  errors(),
  authentication(options),
  deadline(options),
  tenant(),
  validation(options),
];

/** What a method's calls go through, put together once. */
export interface Chain {
  begin(exchange: Exchange): void;
  check(exchange: Exchange, request: Message): void;
  fail(exchange: Exchange, thrown: unknown): TiffinError;
  end(exchange: Exchange, ending: Ending): void;
}

/** Answers a function that puts a method's chain together. */
export function createChain(options: ChainOptions): (method: ServedMethod | undefined) => Chain {
  const factories = interceptors(options);
  return (method) => compose(factories.flatMap((factory) => factory(method) ?? []));
}

function compose(parts: readonly Interceptor[]): Chain {
  const begins = parts.flatMap((part) => part.begin ?? []);
  const checks = parts.flatMap((part) => part.check ?? []);
  const fails = parts.flatMap((part) => part.fail ?? []);
  const ends = parts.flatMap((part) => part.end ?? []);
  return {
    begin(exchange) {
      for (const begin of begins) begin(exchange);
    },
    check(exchange, request) {
      for (const check of checks) check(exchange, request);
    },
    fail(exchange, thrown) {
      let error = thrown;
      for (const fail of fails) error = fail(exchange, error);
      return error as TiffinError;
    },
    end(exchange, ending) {
      for (const end of ends) end(exchange, ending);
    },
  };
}
