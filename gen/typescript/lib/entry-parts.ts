import { create, fromJson } from "@bufbuild/protobuf";
import { durationFromMs, ValueSchema as JsonValueSchema } from "@bufbuild/protobuf/wkt";
import {
  type Expiry,
  ExpirySchema,
  type Value,
  ValueSchema,
} from "../src/tiffin/kv/v1/entry_pb.ts";
import { toJsonText } from "./json-text.ts";
import { toWholeTtlMs } from "./time-to-live.ts";

/** The value as an entry of kind json; of `what`, a name for messages. A TypeError when JSON cannot hold it. */
export function toValue(what: string, value: unknown): Value {
  const json = JSON.parse(toJsonText(what, value));
  return create(ValueSchema, { kind: { case: "json", value: fromJson(JsonValueSchema, json) } });
}

/** So many milliseconds from when it is written. A RangeError when that is no time to live. */
export const toTtlExpiry = (ttlMs: number): Expiry =>
  create(ExpirySchema, { kind: { case: "ttl", value: durationFromMs(toWholeTtlMs(ttlMs)) } });
