import type { HandlerContext } from "@connectrpc/connect";
import { EntryView } from "#gen/tiffin/kv/v1/entry_pb.ts";
import type {
  BatchGetRequest,
  BatchGetResponse,
  GetRequest,
  GetResponse,
} from "#gen/tiffin/kv/v1/key_value_service_pb.ts";
import { rpcCallOf } from "../call.ts";
import { AnswerBudget } from "./answer-budget.ts";
import { checkKey, checkNamespace } from "./checked-key.ts";
import { asStored } from "./entry.ts";
import { checkBatch } from "./kv-limits.ts";
import { toGetResponse } from "./operation.ts";
import { firstRead } from "./reach.ts";
import type { Room } from "./room.ts";

export async function get(
  { reach, limits }: Room,
  { namespace, key }: GetRequest,
  context: HandlerContext,
): Promise<GetResponse> {
  checkNamespace(namespace);
  checkKey(key, "key", limits.keyBytesMax);
  const { head, entries } = await reach.read(rpcCallOf(context), namespace, [key]);
  return toGetResponse(key, asStored(entries[firstRead]), BigInt(head));
}

export async function batchGet(
  { reach, limits }: Room,
  { namespace, keys }: BatchGetRequest,
  context: HandlerContext,
): Promise<BatchGetResponse> {
  checkNamespace(namespace);
  checkBatch(limits, "keys", keys.length);
  keys.forEach((key, index) => {
    checkKey(key, `keys[${index}]`, limits.keyBytesMax);
  });
  const { head, entries } = await reach.read(rpcCallOf(context), namespace, keys);
  const budget = new AnswerBudget(limits);
  keys.forEach((key, index) => {
    budget.spend(key, asStored(entries[firstRead + index]), EntryView.FULL);
  });
  const revision = BigInt(head);
  return {
    $typeName: "tiffin.kv.v1.BatchGetResponse",
    results: keys.map((key, index) =>
      toGetResponse(key, asStored(entries[firstRead + index]), revision),
    ),
    revision,
  };
}
