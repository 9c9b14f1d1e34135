import { create, fromBinary, isMessage, type Message, toBinary } from "@bufbuild/protobuf";
import type { Chain } from "../interceptors/chain.ts";
import { malformedMessage } from "../malformed-message.ts";
import { answerTooLarge } from "../message-too-large.ts";
import type { Implementation, ServedMethod } from "../served-method.ts";

/** A method, ready to be called: its chain put together, its implementation found. */
export interface GrpcMethod {
  readonly path: string;
  readonly served: ServedMethod;
  readonly chain: Chain;
  readonly run: Implementation;
}

/** Bytes to request; what is no such message is the caller's mistake. */
export function decodeRequest(method: GrpcMethod, bytes: Uint8Array): Message {
  try {
    return fromBinary(method.served.descriptor.input, bytes);
  } catch (error) {
    throw malformedMessage(error);
  }
}

/** Answer to bytes, refused when it is larger than a client would take. */
export function encodeAnswer(method: GrpcMethod, answer: unknown, bytesMax: number): Uint8Array {
  const { output } = method.served.descriptor;
  const message = isMessage(answer, output)
    ? answer
    : create(output, answer as Record<string, unknown>);
  const bytes = toBinary(output, message);
  if (bytes.length > bytesMax) throw answerTooLarge(bytesMax, bytes.length);
  return bytes;
}
