import type { HandlerContext } from "@connectrpc/connect";
import {
  ExpireCondition,
  type ExpireRequest,
  ExpireRequestSchema,
  type ExpireResponse,
  ExpireResponseSchema,
} from "#gen/tiffin/kv/v1/key_value_service_pb.ts";
import { invalidField } from "../errors.ts";
import type { WriteMethod } from "../identified-write.ts";
import { toTimestamp } from "../timestamp.ts";
import { checkKey, checkNamespace } from "./checked-key.ts";
import type { StoredEntry } from "./entry.ts";
import { afterTtl, atTime } from "./expiry.ts";
import type { NamespaceTx } from "./namespace-tx.ts";
import type { Room } from "./room.ts";
import { answerWrite } from "./write.ts";

export async function expire(
  room: Room,
  request: ExpireRequest,
  context: HandlerContext,
): Promise<ExpireResponse> {
  const { namespace, key } = request;
  checkNamespace(namespace);
  checkKey(key, "key", room.limits.keyBytesMax);
  const attempt = (space: NamespaceTx): Promise<ExpireResponse> => changeExpiry(space, request);
  const write = { namespace, locks: { exclusive: [key] }, attempt };
  return answerWrite(room, context, { method, request, write });
}

async function changeExpiry(space: NamespaceTx, request: ExpireRequest): Promise<ExpireResponse> {
  // Refused first when it is wrong, whatever is there.
  const asked = toMoment(request, space.tx.now());
  const entry = await space.get(request.key);
  if (entry === undefined) return toResponse(undefined, { applied: false });
  space.tx.expectExpiry(entry); // the condition must hold of what the commit finds
  const applied = allows(request.condition, entry, asked);
  if (applied) space.tx.setExpiry(entry.key, asked);
  return toResponse(entry, { applied, expireAt: applied ? asked : (entry.expireAt ?? "none") });
}

function toMoment({ expiry }: ExpireRequest, now: number): number | "none" {
  switch (expiry.case) {
    case "ttl":
      return afterTtl(expiry.value, "ttl", now);
    case "time":
      return atTime(expiry.value, "time", now);
    case "persist":
      return "none";
    case undefined:
      throw invalidField("expiry", "one of ttl, time, persist is required");
  }
}

/** Never is later than every moment. */
function allows(condition: ExpireCondition, entry: StoredEntry, asked: number | "none"): boolean {
  const now = entry.expireAt ?? Number.POSITIVE_INFINITY;
  const then = asked === "none" ? Number.POSITIVE_INFINITY : asked;
  switch (condition) {
    case ExpireCondition.IF_LATER:
      return then > now;
    case ExpireCondition.IF_EARLIER:
      return then < now;
    case ExpireCondition.IF_NONE:
      return entry.expireAt === undefined;
    default:
      return true;
  }
}

function toResponse(
  entry: StoredEntry | undefined,
  { applied, expireAt }: { applied: boolean; expireAt?: number | "none" },
): ExpireResponse {
  const response: ExpireResponse = {
    $typeName: "tiffin.kv.v1.ExpireResponse",
    found: entry !== undefined,
    applied,
    version: BigInt(entry?.version ?? 0),
  };
  if (typeof expireAt === "number") response.expireTime = toTimestamp(expireAt);
  return response;
}

const method: WriteMethod<typeof ExpireRequestSchema, typeof ExpireResponseSchema> = {
  name: "Expire",
  request: ExpireRequestSchema,
  response: ExpireResponseSchema,
  withoutPrevious: (response) => response,
  // The version is that of the value, which the commit leaves alone.
  stamp: (response) => response,
};
