import type { ConnectError } from "@connectrpc/connect";
import { encodeEnvelope, type UniversalServerResponse } from "@connectrpc/connect/protocol";
import { endStreamFlag, endStreamToJson } from "@connectrpc/connect/protocol-connect";
import { setTrailerStatus } from "@connectrpc/connect/protocol-grpc";
import { trailerFlag, trailerSerialize } from "@connectrpc/connect/protocol-grpc-web";
import { type Explaining, fromConnect, type GivenError } from "./from-connect.ts";

/** How a protocol says in the last frame of an answer what its call has come to. */
export interface EndingFormat {
  /** Of the frame's first byte. */
  readonly flag: number;
  /** Undefined: it has gone well. */
  read(text: string): GivenError | undefined;
  write(error: ConnectError): Uint8Array;
}

/** The answer's frames, of which Connect gives each as one part; one that ends it with an error of Connect's own gives ours instead. */
export async function* explainedEnding(
  { body }: UniversalServerResponse,
  { flag, read, write }: EndingFormat,
  explaining: Explaining,
): AsyncGenerator<Uint8Array> {
  const { exchange } = explaining;
  for await (const frame of body ?? []) {
    // Compressed it would have another flag besides; what Connect says of its own is too short for that.
    const isEnding = frame[0] === flag && exchange.error === undefined;
    const given = isEnding ? read(new TextDecoder().decode(frame.subarray(headBytes))) : undefined;
    if (given === undefined) {
      yield frame;
      continue;
    }
    const error = exchange.fail(fromConnect(given, explaining));
    yield encodeEnvelope(flag, write(error));
  }
}

export const connectEnding: EndingFormat = {
  flag: endStreamFlag,
  read: (text) => {
    const { error } = JSON.parse(text) as { readonly error?: Partial<GivenError> };
    return error && { code: error.code ?? "", message: error.message ?? "" };
  },
  write: (error) =>
    new TextEncoder().encode(JSON.stringify(endStreamToJson(new Headers(), error, {}))),
};

export const grpcWebEnding: EndingFormat = {
  flag: trailerFlag,
  read: (text) => {
    const status = Number(/^grpc-status: *(\d+)/m.exec(text)?.[1] ?? 0);
    if (status === 0) return undefined;
    const message = decodeURIComponent(/^grpc-message: *(.*?)\r?$/m.exec(text)?.[1] ?? "");
    return { code: codeNames.get(status) ?? "", message };
  },
  write: (error) => {
    const trailer = new Headers();
    setTrailerStatus(trailer, error);
    return trailerSerialize(trailer);
  },
};

const codeNames = new Map([
  [3, "invalid_argument"],
  [8, "resource_exhausted"],
  [12, "unimplemented"],
]);
/** Flags and length. */
const headBytes = 5;
