import type { Precondition } from "#gen/tiffin/kv/v1/entry_pb.ts";
import { invalidField, TiffinError } from "../errors.ts";
import type { ByteString } from "../store/byte-string.ts";
import type { Key } from "../store/key.ts";
import type { Tx } from "../store/store.ts";
import type { StoredEntry } from "./entry.ts";
import { encodeValue } from "./value.ts";

/** A precondition of a request, checked: what must hold of one key. */
export type Condition =
  | { readonly on: "version"; readonly version: number; readonly asked: bigint }
  | { readonly on: "exists"; readonly exists: boolean }
  | { readonly on: "value"; readonly value: ByteString };

export function toCondition(
  precondition: Precondition | undefined,
  field: string,
  valueBytesMax: number,
): Condition | undefined {
  if (precondition === undefined) return undefined;
  const { condition } = precondition;
  switch (condition.case) {
    case "version":
      return { on: "version", version: Number(condition.value), asked: condition.value };
    case "exists":
      return { on: "exists", exists: condition.value };
    case "value":
      return { on: "value", value: encodeValue(condition.value, `${field}.value`, valueBytesMax) };
    case undefined:
      throw invalidField(field, "one of version, exists, value is required");
  }
}

/** A write to one key under a condition, as far as the condition is concerned. */
export interface Conditional {
  readonly key: string;
  /** The condition's path in the request. */
  readonly field: string;
  readonly condition: Condition | undefined;
}

/** Whether the store itself can check it, without a read. */
export const isExpectable = ({ condition }: Conditional): boolean => condition?.on !== "value";

/** Has the commit check the condition, so that nothing need be read for it. */
export function expectCondition(tx: Tx, record: Key, write: Conditional): void {
  const { condition } = write;
  if (condition === undefined || condition.on === "value") return;
  const is =
    condition.on === "version"
      ? { version: condition.version }
      : condition.exists
        ? ("present" as const)
        : ("absent" as const);
  tx.expect({ key: record, is }, ({ actual }) => preconditionFailed(write, actual?.version));
}

/** Checks the condition over the entry that was read. */
export function checkCondition(write: Conditional, actual: StoredEntry | undefined): void {
  if (write.condition === undefined || holds(write.condition, actual)) return;
  throw preconditionFailed(write, actual?.version);
}

function holds(condition: Condition, actual: StoredEntry | undefined): boolean {
  switch (condition.on) {
    case "version":
      return actual?.version === condition.version;
    case "exists":
      return (actual !== undefined) === condition.exists;
    case "value":
      return actual?.value === condition.value;
  }
}

function preconditionFailed(
  { key, field, condition }: Conditional,
  version: number | undefined,
): TiffinError {
  const expected = condition === undefined ? "" : expectedOf(condition);
  const actual = String(version ?? 0);
  return new TiffinError(
    "precondition_failed",
    `${field}: expected ${expected}, and the version there is ${actual}`,
    { metadata: { key, field, expected, actual } },
  );
}

function expectedOf(condition: Condition): string {
  switch (condition.on) {
    case "version":
      return String(condition.asked);
    case "exists":
      return condition.exists ? "present" : "absent";
    case "value":
      return "an equal value";
  }
}
