import type { HandlerContext } from "@connectrpc/connect";
import { EntryView } from "#gen/tiffin/kv/v1/entry_pb.ts";
import {
  type BatchDeleteRequest,
  BatchDeleteRequestSchema,
  type BatchDeleteResponse,
  BatchDeleteResponseSchema,
  type DeleteItem,
  type DeleteRequest,
  DeleteRequestSchema,
  type DeleteResponse,
  DeleteResponseSchema,
} from "#gen/tiffin/kv/v1/key_value_service_pb.ts";
import type { WriteMethod } from "../identified-write.ts";
import type { Key } from "../store/key.ts";
import { AnswerBudget } from "./answer-budget.ts";
import { checkKey, checkNamespace } from "./checked-key.ts";
import { checkDistinct } from "./distinct-keys.ts";
import { asStored, type StoredEntry, toEntry } from "./entry.ts";
import { checkBatch, type KvLimits } from "./kv-limits.ts";
import type { NamespaceTx } from "./namespace-tx.ts";
import {
  type Conditional,
  checkCondition,
  expectCondition,
  isExpectable,
  toCondition,
} from "./precondition.ts";
import { withoutPrevious } from "./put.ts";
import type { Room } from "./room.ts";
import { answerWrite, runWrite } from "./write.ts";

/** One deletion, checked. */
interface Deletion extends Conditional {
  readonly returnPrevious: boolean;
  readonly path: string;
}

export async function deleteKey(
  room: Room,
  request: DeleteRequest,
  context: HandlerContext,
): Promise<DeleteResponse> {
  const { namespace, requestId } = request;
  checkNamespace(namespace);
  const deletion = toDeletion(request, "", room.limits);
  if (requestId === "" && isExpectable(deletion)) {
    const attempt = (space: NamespaceTx) => deleteBlind(space, deletion);
    const updated = await runWrite(room, context, { namespace, locks: {}, attempt });
    const { result: record, revision } = updated;
    const previous = record && asStored(updated.previous(record));
    return toDeleteResponse(deletion, previous, BigInt(revision));
  }
  const attempt = (space: NamespaceTx): Promise<DeleteResponse> =>
    deleteReading(space, deletion, new AnswerBudget(room.limits));
  const write = { namespace, locks: { exclusive: [deletion.key] }, attempt };
  return answerWrite(room, context, { method: deleteMethod, request, write });
}

export async function batchDelete(
  room: Room,
  request: BatchDeleteRequest,
  context: HandlerContext,
): Promise<BatchDeleteResponse> {
  const { namespace, items } = request;
  checkNamespace(namespace);
  checkBatch(room.limits, "items", items.length);
  const deletions = items.map((item, at) => toDeletion(item, `items[${at}].`, room.limits));
  checkDistinct(deletions.map(({ key, path }) => ({ key, field: `${path}key` })));
  const attempt = async (space: NamespaceTx): Promise<BatchDeleteResponse> => {
    const budget = new AnswerBudget(room.limits);
    const results: DeleteResponse[] = [];
    for (const deletion of deletions) results.push(await deleteReading(space, deletion, budget));
    return { $typeName: "tiffin.kv.v1.BatchDeleteResponse", results, revision: 0n };
  };
  const write = { namespace, locks: { exclusive: deletions.map(({ key }) => key) }, attempt };
  return answerWrite(room, context, { method: batchDeleteMethod, request, write });
}

function toDeletion(
  { key, precondition, returnPrevious }: Omit<DeleteItem, "$typeName">,
  path: string,
  { keyBytesMax, valueBytesMax }: KvLimits,
): Deletion {
  const field = `${path}precondition`;
  checkKey(key, `${path}key`, keyBytesMax);
  return {
    key,
    condition: toCondition(precondition, field, valueBytesMax),
    field,
    returnPrevious,
    path,
  };
}

/** Answers where the entry was to be; undefined when there is not even a namespace. */
function deleteBlind(space: NamespaceTx, deletion: Deletion): Key | undefined {
  const record = space.keyOf(deletion.key);
  if (record === undefined) {
    checkCondition(deletion, undefined);
    return undefined;
  }
  space.tx.wantPrevious();
  expectCondition(space.tx, record, deletion);
  space.tx.delete(record);
  return record;
}

async function deleteReading(
  space: NamespaceTx,
  deletion: Deletion,
  budget: AnswerBudget,
): Promise<DeleteResponse> {
  const previous = await space.get(deletion.key);
  checkCondition(deletion, previous);
  if (deletion.returnPrevious) budget.spend(deletion.key, previous, EntryView.FULL);
  if (previous !== undefined) space.tx.delete(previous.key);
  return toDeleteResponse(deletion, previous, 0n);
}

function toDeleteResponse(
  { key, returnPrevious }: Deletion,
  previous: StoredEntry | undefined,
  revision: bigint,
): DeleteResponse {
  const response: DeleteResponse = {
    $typeName: "tiffin.kv.v1.DeleteResponse",
    deleted: previous !== undefined,
    revision,
  };
  if (returnPrevious && previous !== undefined) response.previous = toEntry(key, previous);
  return response;
}

function stampDelete(response: DeleteResponse, revision: bigint): DeleteResponse {
  response.revision = revision;
  return response;
}

const deleteMethod: WriteMethod<typeof DeleteRequestSchema, typeof DeleteResponseSchema> = {
  name: "Delete",
  request: DeleteRequestSchema,
  response: DeleteResponseSchema,
  withoutPrevious,
  stamp: stampDelete,
};

const batchDeleteMethod: WriteMethod<
  typeof BatchDeleteRequestSchema,
  typeof BatchDeleteResponseSchema
> = {
  name: "BatchDelete",
  request: BatchDeleteRequestSchema,
  response: BatchDeleteResponseSchema,
  withoutPrevious: (response) => ({ ...response, results: response.results.map(withoutPrevious) }),
  stamp(response, revision) {
    for (const result of response.results) stampDelete(result, revision);
    response.revision = revision;
    return response;
  },
};
