import { Code } from "@connectrpc/connect";
import type { Logger } from "pino";
import { codeName } from "../code-name.ts";
import { cut } from "../cut.ts";
import { errorTable } from "../errors.ts";
import type { Ending, Exchange } from "../exchange.ts";
import type { InterceptorFactory } from "./interceptor.ts";

export interface LoggingOptions {
  readonly logger: Logger;
}

/** One event for each call, when it is over. Never a request, an answer or a header: those hold what users store. */
export const logging =
  ({ logger }: LoggingOptions): InterceptorFactory =>
  (method) => {
    const name = method?.name ?? "_OTHER";
    return {
      end(exchange, ending) {
        const level = levelOf(ending.code);
        if (!logger.isLevelEnabled(level)) return;
        logger[level](eventOf(name, exchange, ending), "call");
      },
    };
  };

/** What is our defect is an error; what an operator may have to act on, a warning; a caller's mistake, information. */
export function levelOf(code: Ending["code"]): "debug" | "info" | "warn" | "error" {
  switch (code) {
    case 0:
      return "debug";
    case Code.Internal:
    case Code.Unknown:
    case Code.DataLoss:
      return "error";
    case Code.Unavailable:
    case Code.ResourceExhausted:
      return "warn";
    default:
      return "info";
  }
}

function eventOf(method: string, exchange: Exchange, { code, error }: Ending): object {
  return {
    method,
    code: codeName(code),
    reason: error && errorTable[error.kind].reason,
    message: error && cut(error.message),
    duration_ms: Math.round((performance.now() - exchange.startedAt) * 1000) / 1000,
    request_id: exchange.requestId,
    tenant: exchange.method?.tenanted === true ? exchange.tenant : undefined,
    peer: exchange.peer,
    system: exchange.system,
    // Only a defect has a cause worth its stack; that of a caller's mistake could quote what they sent.
    err: error?.kind === "internal" ? error.cause : undefined,
  };
}
