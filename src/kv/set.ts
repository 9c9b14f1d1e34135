import type { HandlerContext } from "@connectrpc/connect";
import {
  type BatchSetRequest,
  BatchSetRequestSchema,
  type BatchSetResponse,
  BatchSetResponseSchema,
  type SetRequest,
  SetRequestSchema,
  type SetResponse,
  SetResponseSchema,
} from "#gen/tiffin/kv/v1/key_value_service_pb.ts";
import type { WriteMethod } from "../identified-write.ts";
import { AnswerBudget } from "./answer-budget.ts";
import { checkNamespace } from "./checked-key.ts";
import { checkDistinct } from "./distinct-keys.ts";
import { checkBatch } from "./kv-limits.ts";
import type { NamespaceTx } from "./namespace-tx.ts";
import { isExpectable } from "./precondition.ts";
import {
  blindResponse,
  type Given,
  type Put,
  putBlind,
  putReading,
  stampSet,
  toPut,
  withoutPrevious,
} from "./put.ts";
import type { Room } from "./room.ts";
import { answerWrite, runWrite } from "./write.ts";

export async function set(
  room: Room,
  request: SetRequest,
  context: HandlerContext,
): Promise<SetResponse> {
  const { namespace, requestId } = request;
  checkNamespace(namespace);
  const put = toPut(request, "", room.limits);
  if (requestId === "" && isExpectable(put)) {
    const updated = await runWrite(room, context, {
      namespace,
      locks: noLocks,
      attempt: (space) => {
        space.tx.wantPrevious();
        return space.isThere
          ? putBlind(space, put)
          : space.create(room).then(() => putBlind(space, put));
      },
    });
    return blindResponse(put, updated.result, updated);
  }
  const attempt = async (space: NamespaceTx): Promise<SetResponse> => {
    await space.create(room);
    return putReading(space, put, new AnswerBudget(room.limits));
  };
  const write = { namespace, locks: { exclusive: [put.key] }, attempt };
  return answerWrite(room, context, { method: setMethod, request, write });
}

export async function batchSet(
  room: Room,
  request: BatchSetRequest,
  context: HandlerContext,
): Promise<BatchSetResponse> {
  const { namespace, items, requestId } = request;
  checkNamespace(namespace);
  checkBatch(room.limits, "items", items.length);
  const puts = items.map((item, index) => toPut(item, `items[${index}].`, room.limits));
  checkDistinct(puts.map(({ key, path }) => ({ key, field: `${path}key` })));
  const isBlind = puts.every((put) => isExpectable(put) && !put.item.returnPrevious);
  if (requestId === "" && isBlind) return setBlind(room, context, { namespace, puts });
  const attempt = async (space: NamespaceTx): Promise<BatchSetResponse> => {
    await space.create(room);
    const budget = new AnswerBudget(room.limits);
    const results: SetResponse[] = [];
    for (const put of puts) results.push(await putReading(space, put, budget));
    return { $typeName: "tiffin.kv.v1.BatchSetResponse", results, revision: 0n };
  };
  const write = { namespace, locks: { exclusive: puts.map(({ key }) => key) }, attempt };
  return answerWrite(room, context, { method: batchSetMethod, request, write });
}

async function setBlind(
  room: Room,
  context: HandlerContext,
  { namespace, puts }: { namespace: string; puts: readonly Put[] },
): Promise<BatchSetResponse> {
  const attempt = async (space: NamespaceTx): Promise<Given[]> => {
    space.tx.wantPrevious();
    await space.create(room);
    return puts.map((put) => putBlind(space, put));
  };
  const updated = await runWrite(room, context, { namespace, locks: noLocks, attempt });
  return {
    $typeName: "tiffin.kv.v1.BatchSetResponse",
    results: updated.result.map((given, index) =>
      blindResponse(puts[index] as Put, given, updated),
    ),
    revision: BigInt(updated.revision),
  };
}

const noLocks = {};

const setMethod: WriteMethod<typeof SetRequestSchema, typeof SetResponseSchema> = {
  name: "Set",
  request: SetRequestSchema,
  response: SetResponseSchema,
  withoutPrevious,
  stamp: stampSet,
};

const batchSetMethod: WriteMethod<typeof BatchSetRequestSchema, typeof BatchSetResponseSchema> = {
  name: "BatchSet",
  request: BatchSetRequestSchema,
  response: BatchSetResponseSchema,
  withoutPrevious: (response) => ({ ...response, results: response.results.map(withoutPrevious) }),
  stamp(response, revision) {
    for (const result of response.results) stampSet(result, revision);
    response.revision = revision;
    return response;
  },
};
