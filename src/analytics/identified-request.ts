import type { DescMessage, MessageShape } from "@bufbuild/protobuf";
import type { HandlerContext } from "@connectrpc/connect";
import type { IdentifiedRequest } from "../analytics-store/analytics-store.ts";
import { replayedHeader } from "../identified-write.ts";
import { requestDigest } from "../request-digest.ts";

/** What a write is remembered by; undefined: its caller gave it no id. */
export function toIdentifiedRequest<Request extends DescMessage>(
  schema: Request,
  request: MessageShape<Request> & { readonly requestId: string },
): IdentifiedRequest | undefined {
  const { requestId } = request;
  if (requestId === "") return undefined;
  const digest = requestDigest(schema, request).toString("base64");
  return { id: requestId, digest: `${schema.name}:${digest}` };
}

/** Tells the caller when the answer is that of an earlier call. */
export function tellReplay(
  { responseHeader }: HandlerContext,
  { replayed }: { readonly replayed: boolean },
): void {
  if (replayed) responseHeader.set(replayedHeader, "true");
}
