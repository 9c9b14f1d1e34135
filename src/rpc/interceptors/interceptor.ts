import type { Message } from "@bufbuild/protobuf";
import type { TiffinError } from "../../errors.ts";
import type { Ending, Exchange } from "../exchange.ts";
import type { ServedMethod } from "../served-method.ts";

/**
 * What is done to every call, in four moments rather than as an onion around it: nothing is wrapped, so a call
 * pays for no closure and no promise. All are synchronous; what needs to wait belongs in a room.
 */
export interface Interceptor {
  /** The headers are here and the body is not. Throwing refuses the call before its body is read. */
  readonly begin?: (exchange: Exchange) => void;
  /** One decoded request, before the room sees it. Throwing refuses it. */
  readonly check?: (exchange: Exchange, request: Message) => void;
  /** Something threw: the error to answer instead of `thrown`. */
  readonly fail?: (exchange: Exchange, thrown: unknown) => TiffinError;
  /** The call is over. Called exactly once, and must not throw. */
  readonly end?: (exchange: Exchange, ending: Ending) => void;
}

/** Decides once, at the start, what a method needs. `undefined` stands for every unknown path; no answer: nothing. */
export type InterceptorFactory = (method: ServedMethod | undefined) => Interceptor | undefined;
