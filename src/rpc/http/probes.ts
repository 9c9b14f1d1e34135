import type { IncomingMessage, ServerResponse } from "node:http";
import { pathOf } from "./rpc-handler.ts";

export interface ProbeOptions {
  /** Whether calls are taken. */
  readonly isReady: () => boolean;
  /** The metrics in Prometheus' text form. */
  readonly metrics: () => Promise<{ readonly type: string; readonly text: string }>;
  /** Whether the request may read the metrics. */
  readonly mayReadMetrics: (request: IncomingMessage) => boolean;
}

/** What kubelet and Prometheus ask. Answers whether the request was one of theirs, and is answered. */
export function createProbes(
  options: ProbeOptions,
): (request: IncomingMessage, response: ServerResponse) => Promise<boolean> {
  return async (request, response) => {
    const path = pathOf(request);
    if (!paths.has(path)) return false;
    if (request.method !== "GET" && request.method !== "HEAD") {
      response.setHeader("allow", "GET, HEAD");
      answer(response, 405, "method not allowed\n");
      return true;
    }
    switch (path) {
      case "/livez": // asks nothing of the store: restarting this process would not mend that
        answer(response, 200, "ok\n");
        return true;
      case "/readyz":
        if (options.isReady()) answer(response, 200, "ok\n");
        else answer(response, 503, "not serving\n");
        return true;
      default:
        await answerMetrics(options, request, response);
        return true;
    }
  };
}

const paths = new Set(["/livez", "/readyz", "/metrics"]);

async function answerMetrics(
  { metrics, mayReadMetrics }: ProbeOptions,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  if (!mayReadMetrics(request)) {
    response.setHeader("www-authenticate", "Bearer");
    answer(response, 401, "the bearer token is missing or wrong\n");
    return;
  }
  const { type, text } = await metrics();
  response.setHeader("content-type", type);
  response.end(text);
}

function answer(response: ServerResponse, status: number, text: string): void {
  response.setHeader("content-type", "text/plain; charset=utf-8");
  response.writeHead(status).end(text);
}
