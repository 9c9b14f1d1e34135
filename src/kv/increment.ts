import type { HandlerContext } from "@connectrpc/connect";
import {
  type IncrementRequest,
  IncrementRequestSchema,
  type IncrementResponse,
  IncrementResponseSchema,
} from "#gen/tiffin/kv/v1/key_value_service_pb.ts";
import { TiffinError } from "../errors.ts";
import type { WriteMethod } from "../identified-write.ts";
import { toTimestamp } from "../timestamp.ts";
import { checkKey, checkNamespace } from "./checked-key.ts";
import type { StoredEntry } from "./entry.ts";
import { toExpireAt } from "./expiry.ts";
import type { NamespaceTx } from "./namespace-tx.ts";
import type { Room } from "./room.ts";
import { decodeInteger, encodeInteger, kindOf } from "./value.ts";
import { answerWrite } from "./write.ts";

export async function increment(
  room: Room,
  request: IncrementRequest,
  context: HandlerContext,
): Promise<IncrementResponse> {
  const { namespace, key } = request;
  checkNamespace(namespace);
  checkKey(key, "key", room.limits.keyBytesMax);
  const attempt = async (space: NamespaceTx): Promise<IncrementResponse> => {
    await space.create(room);
    const entry = await space.get(key);
    return entry === undefined ? createCounter(space, request) : addTo(space, request, entry);
  };
  const write = { namespace, locks: { exclusive: [key] }, attempt };
  return answerWrite(room, context, { method, request, write });
}

function createCounter(space: NamespaceTx, request: IncrementRequest): IncrementResponse {
  const { key, initial, delta, expiryIfCreated } = request;
  const sum = add(key, initial, delta);
  const asked = toExpireAt(expiryIfCreated, "expiry_if_created", space.tx.now());
  const expireAt = asked === "keep" ? "none" : asked; // there is none to keep
  space.tx.put(space.writableKeyOf(key), encodeInteger(sum), expireAt);
  return toResponse(sum, expireAt === "none" ? undefined : expireAt);
}

function addTo(
  space: NamespaceTx,
  { key, delta }: IncrementRequest,
  entry: StoredEntry,
): IncrementResponse {
  const kind = kindOf(entry.value);
  if (kind !== "integer") {
    throw new TiffinError("wrong_value_kind", `key: holds ${kind}, where an integer is needed`, {
      metadata: { key, expected: "integer", actual: kind },
    });
  }
  const sum = add(key, decodeInteger(entry.value), delta);
  if (entry.expireAt !== undefined) space.tx.expectExpiry(entry); // the answer says it
  space.tx.put(entry.key, encodeInteger(sum), "keep");
  return toResponse(sum, entry.expireAt);
}

function add(key: string, integer: bigint, delta = 1n): bigint {
  const sum = integer + delta;
  if (BigInt.asIntN(64, sum) === sum) return sum;
  throw new TiffinError(
    "integer_overflow",
    `delta: ${integer} and ${delta} do not add up to a 64-bit integer`,
    { metadata: { key, integer: String(integer), delta: String(delta) } },
  );
}

function toResponse(integer: bigint, expireAt: number | undefined): IncrementResponse {
  const response: IncrementResponse = {
    $typeName: "tiffin.kv.v1.IncrementResponse",
    integer,
    version: 0n,
  };
  if (expireAt !== undefined) response.expireTime = toTimestamp(expireAt);
  return response;
}

const method: WriteMethod<typeof IncrementRequestSchema, typeof IncrementResponseSchema> = {
  name: "Increment",
  request: IncrementRequestSchema,
  response: IncrementResponseSchema,
  withoutPrevious: (response) => response,
  stamp(response, revision) {
    response.version = revision;
    return response;
  },
};
