import { EntryView } from "#gen/tiffin/kv/v1/entry_pb.ts";
import type { SetItem, SetResponse } from "#gen/tiffin/kv/v1/key_value_service_pb.ts";
import type { ByteString } from "../store/byte-string.ts";
import type { Key } from "../store/key.ts";
import type { Updated } from "../store/store.ts";
import { toTimestamp } from "../timestamp.ts";
import type { AnswerBudget } from "./answer-budget.ts";
import { checkKey } from "./checked-key.ts";
import { asStored, type StoredEntry, toEntry } from "./entry.ts";
import { type ExpireAt, toExpireAt } from "./expiry.ts";
import type { KvLimits } from "./kv-limits.ts";
import type { NamespaceTx } from "./namespace-tx.ts";
import { type Conditional, checkCondition, expectCondition, toCondition } from "./precondition.ts";
import { encodeValue } from "./value.ts";

/** One write of a value, checked. */
export interface Put extends Conditional {
  readonly value: ByteString;
  readonly item: Pick<SetItem, "expiry" | "returnPrevious">;
  /** Where the write stands in its request, with a dot after it if it is not the request itself. */
  readonly path: string;
}

export function toPut(
  item: Pick<SetItem, "key" | "value" | "expiry" | "precondition" | "returnPrevious">,
  path: string,
  { keyBytesMax, valueBytesMax }: KvLimits,
): Put {
  const field = `${path}precondition`;
  checkKey(item.key, `${path}key`, keyBytesMax);
  return {
    key: item.key,
    value: encodeValue(item.value, `${path}value`, valueBytesMax),
    condition: toCondition(item.precondition, field, valueBytesMax),
    field,
    item,
    path,
  };
}

/** A put on its way to the commit. */
export interface Given {
  readonly record: Key;
  readonly expireAt: ExpireAt;
}

/** Gives the put to the commit unread, with what must hold for it. */
export function putBlind(space: NamespaceTx, put: Put): Given {
  const { tx } = space;
  const record = space.writableKeyOf(put.key);
  const expireAt = toExpireAt(put.item.expiry, `${put.path}expiry`, tx.now());
  expectCondition(tx, record, put);
  tx.put(record, put.value, expireAt);
  return { record, expireAt };
}

/** The answer to a blind put, from what the commit found. */
export function blindResponse(
  put: Put,
  { record, expireAt }: Given,
  updated: Updated<unknown>,
): SetResponse {
  const previous = asStored(updated.previous(record));
  return toSetResponse(put, { previous, expireAt, revision: BigInt(updated.revision) });
}

/** Reads, checks, writes; the answer's revisions that are this commit's are 0. */
export async function putReading(
  space: NamespaceTx,
  put: Put,
  budget: AnswerBudget,
): Promise<SetResponse> {
  const previous = await space.get(put.key);
  checkCondition(put, previous);
  if (put.item.returnPrevious) budget.spend(put.key, previous, EntryView.FULL);
  const expireAt = toExpireAt(put.item.expiry, `${put.path}expiry`, space.tx.now());
  // The answer says the expiry that is kept: it must be that of the commit.
  if (expireAt === "keep" && previous !== undefined) space.tx.expectExpiry(previous);
  space.tx.put(space.writableKeyOf(put.key), put.value, expireAt);
  return toSetResponse(put, { previous, expireAt, revision: 0n });
}

function toSetResponse(
  { key, item }: Put,
  {
    previous,
    expireAt,
    revision,
  }: { previous: StoredEntry | undefined; expireAt: ExpireAt; revision: bigint },
): SetResponse {
  const response: SetResponse = {
    $typeName: "tiffin.kv.v1.SetResponse",
    version: revision,
    createVersion: previous === undefined ? revision : BigInt(previous.created),
  };
  const expires = expireAt === "keep" ? previous?.expireAt : expireAt;
  if (typeof expires === "number") response.expireTime = toTimestamp(expires);
  if (item.returnPrevious && previous !== undefined) response.previous = toEntry(key, previous);
  return response;
}

/** Fills in the revision of the commit. */
export function stampSet(response: SetResponse, revision: bigint): SetResponse {
  response.version = revision;
  if (response.createVersion === 0n) response.createVersion = revision;
  return response;
}

export function withoutPrevious<T extends { previous?: unknown }>(response: T): T {
  const { previous: _, ...rest } = response;
  return rest as T;
}
