import { connect } from "node:http2";
import { fromBinary } from "@bufbuild/protobuf";
import { anyUnpack } from "@bufbuild/protobuf/wkt";
import { ErrorInfoSchema } from "#gen/google/rpc/error_details_pb.ts";
import { StatusSchema } from "#gen/google/rpc/status_pb.ts";

export interface RawAnswer {
  readonly httpStatus: number;
  /** grpc-status; NaN when there was none. */
  readonly code: number;
  readonly message: string;
  readonly reason: string | undefined;
  readonly metadata: Readonly<Record<string, string>>;
  /** Header fields and trailers, as they came. */
  readonly headers: Readonly<Record<string, unknown>>;
  readonly body: Buffer;
}

export interface RawCall {
  readonly path: string;
  readonly headers?: Readonly<Record<string, string | string[]>>;
  /** Sent as they are; use `frame` for well-formed ones. */
  readonly body?: Uint8Array;
  /** False: the request is never ended. */
  readonly end?: boolean;
}

/** One gRPC message as it goes over the wire. */
export function frame(message: Uint8Array, compressed = false): Buffer {
  const bytes = Buffer.alloc(5 + message.length);
  bytes.writeUInt8(compressed ? 1 : 0, 0);
  bytes.writeUInt32BE(message.length, 1);
  bytes.set(message, 5);
  return bytes;
}

/** A gRPC call made by hand, so that it may be wrong. */
export async function callRaw(
  address: string,
  { path, headers, body, end = true }: RawCall,
): Promise<RawAnswer> {
  const session = connect(`http://${address}`);
  const { promise, resolve, reject } = Promise.withResolvers<RawAnswer>();
  session.on("error", reject);
  const stream = session.request(
    {
      ":method": "POST",
      ":path": path,
      "content-type": "application/grpc",
      te: "trailers",
      ...headers,
    },
    { endStream: false },
  );
  let first: Record<string, unknown> = {};
  let last: Record<string, unknown> = {};
  const chunks: Buffer[] = [];
  stream.on("response", (received) => (first = received));
  stream.on("trailers", (received) => (last = received));
  stream.on("data", (chunk: Buffer) => chunks.push(chunk));
  // Whatever the server has not read when it answers, it may reset.
  stream.on("error", () => undefined);
  const answered = (): void => resolve(toAnswer({ ...first, ...last }, Buffer.concat(chunks)));
  // The answer may end before the request does; a stream that is reset has no end.
  stream.on("end", answered);
  stream.on("close", answered);
  if (body !== undefined) stream.write(body);
  if (end) stream.end();
  try {
    return await promise;
  } finally {
    session.destroy();
  }
}

function toAnswer(headers: Record<string, unknown>, body: Buffer): RawAnswer {
  const details = headers["grpc-status-details-bin"];
  const status =
    typeof details === "string"
      ? fromBinary(StatusSchema, Buffer.from(details, "base64"))
      : undefined;
  const info = status?.details
    .map((detail) => anyUnpack(detail, ErrorInfoSchema))
    .find((unpacked) => unpacked !== undefined);
  return {
    httpStatus: Number(headers[":status"]),
    code: Number(headers["grpc-status"] ?? Number.NaN),
    message: decodeURI(String(headers["grpc-message"] ?? "")),
    reason: info?.reason,
    metadata: info?.metadata ?? {},
    headers,
    body,
  };
}
