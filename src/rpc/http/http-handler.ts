import type { IncomingMessage, ServerResponse } from "node:http";
import { applyCors } from "./cors.ts";
import { createDoors, type DoorOptions } from "./doors.ts";
import { createProbes, type ProbeOptions } from "./probes.ts";
import {
  createRpcHandler,
  type NodeHandler,
  pathOf,
  type RpcHandlerOptions,
} from "./rpc-handler.ts";

export type HttpHandlerOptions = RpcHandlerOptions & DoorOptions & ProbeOptions;

/** Everything the HTTP port serves, behind the doors. */
export function createHttpHandler(options: HttpHandlerOptions): NodeHandler {
  const refusalOf = createDoors(options);
  const origins = new Set(options.allowedOrigins);
  const probe = createProbes(options);
  const callRpc = createRpcHandler(options);
  return async (request, response) => {
    const refusal = refusalOf(request.headers);
    if (refusal !== undefined) {
      answerJson(response, 403, { code: "permission_denied", message: refusal });
      return;
    }
    if (applyCors(request, response, origins)) return;
    if (await probe(request, response)) return;
    if (pathOf(request) === "/") {
      greet(request, response);
      return;
    }
    await callRpc(request, response);
  };
}

/** The ops address: probes and nothing else, without the doors, since kubelets and Prometheus call by any name. */
export function createOpsHandler(options: ProbeOptions): NodeHandler {
  const probe = createProbes(options);
  return async (request, response) => {
    if (await probe(request, response)) return;
    answerJson(response, 404, { code: "not_found", message: "only /livez, /readyz and /metrics" });
  };
}

function greet(request: IncomingMessage, response: ServerResponse): void {
  response.setHeader("content-type", "text/plain; charset=utf-8");
  response.end(`Tiffin, the state sidecar: gRPC, Connect and plain JSON from one contract. Try

  curl -s ${request.headers.host}/tiffin.kv.v1.KeyValueService/Get -H 'content-type: application/json' -d '{"key":"session123"}'
`);
}

function answerJson(response: ServerResponse, status: number, body: object): void {
  response.setHeader("content-type", "application/json");
  response.writeHead(status).end(JSON.stringify(body));
}
