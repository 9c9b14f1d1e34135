import type { DescService } from "@bufbuild/protobuf";
import { type Client, createClient, type Transport } from "@connectrpc/connect";
import { createConnectTransport, createGrpcWebTransport } from "@connectrpc/connect-node";
import { createGrpcJsTransport } from "./grpc-js-transport.ts";

/** The ways in which a client can call. */
export const transportNames = ["grpc", "connect-json", "connect-binary", "grpc-web"] as const;
export type TransportName = (typeof transportNames)[number];

export interface ClientTarget {
  /** `host:port` of the gRPC listener. */
  readonly grpc: string;
  /** `host:port` of the HTTP listener. */
  readonly http: string;
  /** Sent with every call. */
  readonly headers?: Readonly<Record<string, string>>;
}

export interface OpenTransport {
  readonly transport: Transport;
  close(): void;
}

/** A transport, to be closed. gRPC goes through grpc-js, as its users' clients do. */
export function openTransport(name: TransportName, target: ClientTarget): OpenTransport {
  if (name === "grpc") return createGrpcJsTransport(target.grpc, target.headers);
  const baseUrl = `http://${target.http}`;
  const options = {
    baseUrl,
    httpVersion: "1.1" as const,
    interceptors: [withHeaders(target.headers ?? {})],
  };
  const transport =
    name === "grpc-web"
      ? createGrpcWebTransport(options)
      : createConnectTransport({ ...options, useBinaryFormat: name === "connect-binary" });
  return { transport, close: () => undefined };
}

/** A client of a service, and how to close it. */
export function openClient<S extends DescService>(
  service: S,
  name: TransportName,
  target: ClientTarget,
): { readonly client: Client<S>; close(): void } {
  const { transport, close } = openTransport(name, target);
  return { client: createClient(service, transport), close };
}

const withHeaders =
  (headers: Readonly<Record<string, string>>) =>
  <T extends { readonly header: Headers }, R>(next: (request: T) => Promise<R>) =>
  (request: T): Promise<R> => {
    for (const [name, value] of Object.entries(headers)) {
      if (!request.header.has(name)) request.header.set(name, value);
    }
    return next(request);
  };
