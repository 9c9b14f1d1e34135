import type { CallMetrics } from "../../observability/call-metrics.ts";
import { codeName } from "../code-name.ts";
import type { Ending, Exchange } from "../exchange.ts";
import type { InterceptorFactory } from "./interceptor.ts";

export interface MetricsOptions {
  readonly callMetrics: CallMetrics;
}

/** Measures how long calls take. By method and code alone: a label for tenants or keys would grow without bound, and tell. */
export const metrics =
  ({ callMetrics }: MetricsOptions): InterceptorFactory =>
  (method) => {
    const name = method?.name ?? "_OTHER";
    const bySystem = {
      grpc: callMetrics.forMethod("grpc", name),
      connectrpc: callMetrics.forMethod("connectrpc", name),
    };
    return {
      end(exchange: Exchange, { code }: Ending) {
        const seconds = (performance.now() - exchange.startedAt) / 1000;
        bySystem[exchange.system](code, () => codeName(code), seconds);
      },
    };
  };
