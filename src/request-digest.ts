import { createHash } from "node:crypto";
import { type DescMessage, type MessageShape, toBinary } from "@bufbuild/protobuf";
import { withSortedMaps } from "./sorted-maps.ts";

/** Of all that a request says but for its id: the same for the same request, however its maps were encoded. */
export function requestDigest<Request extends DescMessage>(
  schema: Request,
  request: MessageShape<Request>,
): Buffer {
  const content = { ...withSortedMaps(request), requestId: "" };
  return createHash("sha256").update(toBinary(schema, content)).digest();
}
