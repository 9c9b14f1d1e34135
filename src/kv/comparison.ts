import { Comparator, type Comparison } from "#gen/tiffin/kv/v1/key_value_service_pb.ts";
import { invalidField } from "../errors.ts";
import type { ByteString } from "../store/byte-string.ts";
import { checkKey } from "./checked-key.ts";
import type { StoredEntry } from "./entry.ts";
import type { KvLimits } from "./kv-limits.ts";
import { bodyOf, decodeInteger, encodeValue, kindOf } from "./value.ts";

/** A question about one key, checked. */
export interface Question {
  readonly key: string;
  readonly comparator: Comparator;
  readonly operand:
    | { readonly on: "version" | "created"; readonly number: number }
    | { readonly on: "exists"; readonly exists: boolean }
    | { readonly on: "value"; readonly value: ByteString };
}

export function toQuestion(
  comparison: Comparison,
  path: string,
  { keyBytesMax, valueBytesMax }: KvLimits,
): Question {
  const { key, comparator, operand } = comparison;
  checkKey(key, `${path}.key`, keyBytesMax);
  const question = { key, comparator };
  switch (operand.case) {
    case "version":
      return { ...question, operand: { on: "version", number: Number(operand.value) } };
    case "createVersion":
      return { ...question, operand: { on: "created", number: Number(operand.value) } };
    case "exists":
      refuseOrder(comparator, "exists", path);
      return { ...question, operand: { on: "exists", exists: operand.value } };
    case "value": {
      const value = encodeValue(operand.value, `${path}.value`, valueBytesMax);
      if (kindOf(value) === "json") refuseOrder(comparator, "a json value", path);
      return { ...question, operand: { on: "value", value } };
    }
    case undefined:
      throw invalidField(path, "one of version, create_version, exists, value is required");
  }
}

/** The answer to the question, of the entry that is there. */
export function isSo({ comparator, operand }: Question, entry: StoredEntry | undefined): boolean {
  switch (operand.on) {
    case "version":
      return compares(comparator, Math.sign((entry?.version ?? 0) - operand.number));
    case "created":
      return compares(comparator, Math.sign((entry?.created ?? 0) - operand.number));
    case "exists":
      return compares(comparator, (entry !== undefined) === operand.exists ? 0 : undefined);
    case "value":
      return compares(comparator, entry && orderOf(entry.value, operand.value));
  }
}

/** `order` is the sign of actual less operand; undefined: different, and neither is less. */
function compares(comparator: Comparator, order: number | undefined): boolean {
  switch (comparator) {
    case Comparator.NOT_EQUAL:
      return order !== 0;
    case Comparator.LESS:
      return order !== undefined && order < 0;
    case Comparator.GREATER:
      return order !== undefined && order > 0;
    default:
      return order === 0;
  }
}

/** Integers by number, bytes and text by bytes; json, and values of two kinds, have no order. */
function orderOf(actual: ByteString, operand: ByteString): number | undefined {
  if (actual === operand) return 0;
  const kind = kindOf(actual);
  if (kind !== kindOf(operand) || kind === "json") return undefined;
  const isLess =
    kind === "integer"
      ? decodeInteger(actual) < decodeInteger(operand)
      : bodyOf(actual) < bodyOf(operand);
  return isLess ? -1 : 1;
}

function refuseOrder(comparator: Comparator, operand: string, path: string): void {
  if (comparator !== Comparator.LESS && comparator !== Comparator.GREATER) return;
  throw invalidField(
    `${path}.comparator`,
    `${operand} has no order: only EQUAL and NOT_EQUAL go with it`,
    comparator === Comparator.LESS ? "LESS" : "GREATER",
  );
}
