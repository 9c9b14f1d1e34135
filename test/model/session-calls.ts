import { create, type MessageInitShape, type MessageShape } from "@bufbuild/protobuf";
import type { HandlerContext, ServiceImpl } from "@connectrpc/connect";
import { SessionService } from "#gen/tiffin/session/v1/session_service_pb.ts";
import type { WatchResponse } from "#gen/tiffin/session/v1/watch_pb.ts";
import type { Clock } from "../../src/clock.ts";
import { type ErrorKind, TiffinError } from "../../src/errors.ts";
import { defaultSessionLimits } from "../../src/session/session-limits.ts";
import { createSessionService } from "../../src/session/session-service.ts";
import type { Store } from "../../src/store/store.ts";
import { callContext } from "../support/call-context.ts";

type Methods = typeof SessionService.method;
type Unary = Exclude<keyof Methods, "watch">;
export type SessionImplementation = Partial<ServiceImpl<typeof SessionService>>;

/** One call of the room, and what is asked of it. */
export type Operation = {
  [Name in Unary]: {
    readonly method: Name;
    readonly request: MessageInitShape<Methods[Name]["input"]>;
  };
}[Unary];

export type OperationOf<Name extends Unary> = Extract<Operation, { method: Name }>;

/** How a call ended. */
export type Outcome<Name extends Unary = Unary> =
  | { readonly answer: MessageShape<Methods[Name]["output"]> }
  | { readonly failed: ErrorKind };

export interface SessionCalls {
  perform(operation: Operation): Promise<Outcome>;
  call<Name extends Unary>(
    method: Name,
    request: MessageInitShape<Methods[Name]["input"]>,
  ): Promise<MessageShape<Methods[Name]["output"]>>;
  watch(request: MessageInitShape<Methods["watch"]["input"]>): AsyncIterator<WatchResponse>;
}

export interface SessionCallsOptions {
  readonly clock: Clock;
  readonly tenant?: string;
  /** Does wrong on purpose. */
  readonly alter?: (inner: SessionImplementation, store: Store) => SessionImplementation;
}

/** The room, called as a transport calls it. */
export function openSessionCalls(
  store: Store,
  { clock, tenant = "default", alter = (inner) => inner }: SessionCallsOptions,
): SessionCalls {
  const limits = defaultSessionLimits;
  const service = alter(createSessionService({ store, limits, clock }), store);
  const run = (name: keyof Methods, request: object): unknown => {
    const method = SessionService.method[name];
    const message = create(method.input, request as MessageInitShape<typeof method.input>);
    const implementation = service[name] as (request: unknown, context: HandlerContext) => unknown;
    return implementation(message, contextOf(tenant));
  };
  const calls: SessionCalls = {
    call: async (method, request) => (await run(method, request)) as never,
    async perform({ method, request }) {
      try {
        return { answer: await calls.call(method, request as never) };
      } catch (error) {
        if (!(error instanceof TiffinError)) throw error;
        return { failed: error.kind };
      }
    },
    watch: (request) =>
      (run("watch", request) as AsyncIterable<WatchResponse>)[Symbol.asyncIterator](),
  };
  return calls;
}

export const contextOf = (tenant: string): HandlerContext =>
  callContext(SessionService.method.get, { tenant });
