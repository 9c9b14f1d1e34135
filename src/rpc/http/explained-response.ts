import type { UniversalServerResponse } from "@connectrpc/connect/protocol";
import { codeToHttpStatus, errorToJsonBytes } from "@connectrpc/connect/protocol-connect";
import { TiffinError } from "../../errors.ts";
import { connectEnding, explainedEnding, grpcWebEnding } from "./explained-ending.ts";
import { fromConnect, type GivenError } from "./from-connect.ts";
import type { HttpExchange } from "./http-exchange.ts";

/**
 * Connect fails some calls by itself, where no interceptor sees it: a request that is no message, too large, or
 * compressed in an unknown way, and an answer that is too large. This gives such an answer the details every other one has.
 */
export async function explained(
  response: UniversalServerResponse,
  exchange: HttpExchange,
  messageBytesMax: number,
): Promise<UniversalServerResponse> {
  if (exchange.error !== undefined) return response;
  const type = response.header?.get("content-type") ?? "";
  const ending = endingOf(type);
  if (ending !== undefined) {
    return { ...response, body: explainedEnding(response, ending, { exchange, messageBytesMax }) };
  }
  if (response.status === 200 || !type.startsWith("application/json")) return response;
  const given = readJsonError(await readAll(response));
  // A query fails without a code of its own in one place: where its base64 is decoded.
  const isNoBase64 = given.code === "internal" && exchange.isQuery && !exchange.entered;
  const error = exchange.fail(
    isNoBase64 ? noBase64() : fromConnect(given, { exchange, messageBytesMax }),
  );
  const body = errorToJsonBytes(error, {});
  return {
    ...response,
    // An unknown compression is UNIMPLEMENTED in every protocol, whatever its reason is mapped to.
    status: given.code === "unimplemented" ? response.status : codeToHttpStatus(error.code),
    header: withLength(response.header, body.length),
    body: one(body),
  };
}

/** Of the protocols that say in the answer's body how the call has ended. */
function endingOf(type: string) {
  if (type.startsWith("application/grpc-web")) return grpcWebEnding;
  return type.startsWith("application/connect+") ? connectEnding : undefined;
}

function noBase64(): TiffinError {
  const description = "is not valid base64";
  return new TiffinError("malformed_message", `the request cannot be read: it ${description}`, {
    metadata: { field: "message" },
    violations: [{ field: "message", description }],
  });
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
