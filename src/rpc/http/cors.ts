import type { IncomingMessage, ServerResponse } from "node:http";
import { cors } from "@connectrpc/connect";

const preflightSeconds = 7200;
const allowedHeaders = [...cors.allowedHeaders, "authorization", "tiffin-tenant", "x-request-id"];
const exposedHeaders = [...cors.exposedHeaders, "tiffin-replayed"];

/** Lets pages of listed origins read the answer; nobody else's. Answers whether the request was a preflight, answered. */
export function applyCors(
  request: IncomingMessage,
  response: ServerResponse,
  origins: ReadonlySet<string>,
): boolean {
  const { origin } = request.headers;
  if (origin === undefined || !origins.has(origin)) return false;
  response.setHeader("access-control-allow-origin", origin);
  response.setHeader("vary", "Origin");
  response.setHeader("access-control-expose-headers", exposedHeaders.join(", "));
  if (request.method !== "OPTIONS") return false;
  response.setHeader("access-control-allow-methods", "GET, POST");
  response.setHeader("access-control-allow-headers", allowedHeaders.join(", "));
  response.setHeader("access-control-max-age", String(preflightSeconds));
  response.writeHead(204).end();
  return true;
}
