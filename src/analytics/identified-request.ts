import type { DescMessage, MessageShape } from "@bufbuild/protobuf";
import type { IdentifiedRequest } from "../analytics-store/analytics-store.ts";
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
