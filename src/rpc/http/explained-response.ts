import type { ConnectError } from "@connectrpc/connect";
import { encodeEnvelope, type UniversalServerResponse } from "@connectrpc/connect/protocol";
import { codeToHttpStatus, errorToJsonBytes } from "@connectrpc/connect/protocol-connect";
import { setTrailerStatus } from "@connectrpc/connect/protocol-grpc";
import { trailerFlag, trailerSerialize } from "@connectrpc/connect/protocol-grpc-web";
import { TiffinError } from "../../errors.ts";
import { malformedMessage } from "../malformed-message.ts";
import { clientGone, type HttpExchange } from "./http-exchange.ts";

/**
 * Connect fails some calls by itself, where no interceptor sees it: a body that is no message, too large, or
 * compressed in an unknown way. This gives such an answer the details every other one has.
 */
export async function explained(
  response: UniversalServerResponse,
  exchange: HttpExchange,
  messageBytesMax: number,
): Promise<UniversalServerResponse> {
  if (exchange.error !== undefined) return response;
  const type = response.header?.get("content-type") ?? "";
  if (type.startsWith("application/grpc-web")) {
    return exchange.entered ? response : grpcWeb(response, exchange, messageBytesMax);
  }
  if (response.status === 200 || !type.startsWith("application/json")) return response;
  const given = readJsonError(await readAll(response));
  // A query fails without a code of its own in one place: where its base64 is decoded.
  const isNoBase64 = given.code === "internal" && exchange.isQuery && !exchange.entered;
  const error = exchange.fail(isNoBase64 ? noBase64() : toError(given, messageBytesMax));
  const body = errorToJsonBytes(error, {});
  return {
    ...response,
    // An unknown compression is UNIMPLEMENTED in every protocol, whatever its reason is mapped to.
    status: given.code === "unimplemented" ? response.status : codeToHttpStatus(error.code),
    header: withLength(response.header, body.length),
    body: one(body),
  };
}

interface GivenError {
  readonly code: string;
  readonly message: string;
}

/** What Connect means by an error of its own about a request. */
export function toError({ code, message }: GivenError, max: number): unknown {
  if (message.includes("timeout")) {
    const description = "is not a number of milliseconds";
    return new TiffinError("invalid_field", `connect-timeout-ms ${description}`, {
      metadata: { field: "connect-timeout-ms" },
      violations: [{ field: "connect-timeout-ms", description }],
    });
  }
  // Of a body that breaks off before its compression ends, Connect says that it is its own defect.
  if (message === "decompression failed") {
    return new TiffinError("malformed_message", "the request cannot be decompressed");
  }
  if (code === "invalid_argument" || message.startsWith("parse binary")) {
    return malformedMessage(message);
  }
  if (code === "resource_exhausted") {
    return new TiffinError("message_too_large", `a message may take ${max} bytes, decompressed`, {
      metadata: { limit: "TIFFIN_MESSAGE_BYTES_MAX", max: String(max) },
    });
  }
  if (code === "unimplemented") {
    return new TiffinError(
      "malformed_message",
      "the request is compressed in a way that is not known here",
    );
  }
  if (code === "canceled" || code === "aborted") {
    return clientGone();
  }
  return new Error(message);
}

function noBase64(): TiffinError {
  const description = "is not valid base64";
  return new TiffinError("malformed_message", `the request cannot be read: it ${description}`, {
    metadata: { field: "message" },
    violations: [{ field: "message", description }],
  });
}

/** gRPC-Web writes its status into the body, as a last frame. */
async function grpcWeb(
  response: UniversalServerResponse,
  exchange: HttpExchange,
  messageBytesMax: number,
): Promise<UniversalServerResponse> {
  const body = await readAll(response);
  const text = new TextDecoder().decode(body.subarray(5));
  const message = decodeURIComponent(/^grpc-message: *(.*?)\r?$/m.exec(text)?.[1] ?? "");
  const number = Number(/^grpc-status: *(\d+)/m.exec(text)?.[1]);
  const error = exchange.fail(
    toError({ code: codeNames.get(number) ?? "", message }, messageBytesMax),
  );
  return { ...response, body: one(trailerFrame(error)) };
}

const codeNames = new Map([
  [3, "invalid_argument"],
  [8, "resource_exhausted"],
  [12, "unimplemented"],
]);

function trailerFrame(error: ConnectError): Uint8Array {
  const trailer = new Headers();
  setTrailerStatus(trailer, error);
  return encodeEnvelope(trailerFlag, trailerSerialize(trailer));
}

function readJsonError(bytes: Uint8Array): GivenError {
  const { code = "", message = "" } = JSON.parse(new TextDecoder().decode(bytes));
  return { code: String(code), message: String(message) };
}

async function readAll({ body }: UniversalServerResponse): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of body ?? []) chunks.push(chunk);
  return Buffer.concat(chunks);
}

function withLength(header: Headers | undefined, bytes: number): Headers {
  const kept = new Headers(header);
  kept.set("content-length", String(bytes));
  kept.delete("content-encoding");
  return kept;
}

async function* one(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}
