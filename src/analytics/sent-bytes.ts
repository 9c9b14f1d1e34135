import type { DescMessage, MessageShape } from "@bufbuild/protobuf";
import type { RpcCall } from "../call.ts";

/** Something that is sent in one message. */
export interface Sent<Desc extends DescMessage> {
  readonly schema: Desc;
  readonly message: MessageShape<Desc>;
  /** Encoded. */
  readonly bytes: number;
  /** As JSON, rather more than less. */
  readonly jsonBytes: () => number;
}

/** What it takes as the caller is sent it. Of JSON it is found out exactly where it may be more than `max`: that costs as much as to send it. */
export function sentBytes<Desc extends DescMessage>(
  { jsonBytesOf }: RpcCall,
  { schema, message, bytes, jsonBytes }: Sent<Desc>,
  max: number,
): number {
  if (jsonBytesOf === undefined) return bytes;
  const atMost = jsonBytes();
  return atMost <= max ? atMost : jsonBytesOf(schema, message);
}
