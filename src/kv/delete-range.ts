import type { HandlerContext } from "@connectrpc/connect";
import {
  type DeleteRangeRequest,
  DeleteRangeRequestSchema,
  type DeleteRangeResponse,
  DeleteRangeResponseSchema,
} from "#gen/tiffin/kv/v1/key_value_service_pb.ts";
import { invalidField } from "../errors.ts";
import type { WriteMethod } from "../identified-write.ts";
import type { Key, Range } from "../store/key.ts";
import type { Tx } from "../store/store.ts";
import { checkNamespace } from "./checked-key.ts";
import type { NamespaceTx } from "./namespace-tx.ts";
import type { Room } from "./room.ts";
import { toSelection } from "./selector.ts";
import { answerWrite, runWrite } from "./write.ts";

export async function deleteRange(
  room: Room,
  request: DeleteRangeRequest,
  context: HandlerContext,
): Promise<DeleteRangeResponse> {
  const { namespace, selector, requestId } = request;
  checkNamespace(namespace);
  if (selector.case === undefined) {
    throw invalidField("selector", "one of prefix, range is required");
  }
  const selection = toSelection(selector, room.limits.keyBytesMax);
  if (requestId === "") {
    const attempt = (space: NamespaceTx): void => {
      const range = space.rangeOf(selection);
      if (range !== undefined) space.tx.deleteRange(range);
    };
    const written = await runWrite(room, context, { namespace, locks: {}, attempt });
    return toResponse(written.rangeDeleted, BigInt(written.revision));
  }
  const attempt = async (space: NamespaceTx): Promise<DeleteRangeResponse> => {
    const range = space.rangeOf(selection);
    const count =
      range === undefined ? 0 : await countFor(space.tx, range, room.store.limits.rangeRecords);
    if (range !== undefined && count > 0) space.tx.deleteRange(range);
    return toResponse(count, 0n);
  };
  const write = { namespace, locks: {}, attempt };
  return answerWrite(room, context, { method, request, write });
}

/**
 * What is remembered under a request id is part of the commit, so it cannot wait for the commit's own count. Who writes
 * into the range meanwhile makes this count again. More than a commit may delete is not counted to its end.
 */
async function countFor(tx: Tx, range: Range, max: number): Promise<number> {
  let count = 0;
  let after: Key | undefined;
  do {
    const page = await tx.page(range, { limit: pageSize, ...(after && { after }) });
    count += page.entries.length;
    after = page.next;
  } while (after !== undefined && count <= max);
  return count;
}

const toResponse = (count: number, revision: bigint): DeleteRangeResponse => ({
  $typeName: "tiffin.kv.v1.DeleteRangeResponse",
  deletedCount: BigInt(count),
  revision,
});

const method: WriteMethod<typeof DeleteRangeRequestSchema, typeof DeleteRangeResponseSchema> = {
  name: "DeleteRange",
  request: DeleteRangeRequestSchema,
  response: DeleteRangeResponseSchema,
  withoutPrevious: (response) => response,
  stamp(response, revision) {
    response.revision = revision;
    return response;
  },
};

const pageSize = 1000;
