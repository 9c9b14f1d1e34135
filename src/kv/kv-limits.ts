import { limitExceeded } from "../errors.ts";

/** What a caller may ask of the key-value room. Configurable; each is named in the error that it causes. */
export interface KvLimits {
  /** UTF-8 bytes of a key, and of a prefix or a range's end. */
  readonly keyBytesMax: number;
  /** Encoded bytes of a value. */
  readonly valueBytesMax: number;
  /** Encoded bytes of an answer; the transports refuse larger ones as well. */
  readonly messageBytesMax: number;
  /** Keys, items, comparisons or operations in one call; no more than a commit of the store takes. */
  readonly batchKeysMax: number;
  /** Namespaces in one tenant, the empty ones not counted. */
  readonly namespacesMax: number;
  /** Watches in this process. */
  readonly watchesMax: number;
}

export const defaultKvLimits: KvLimits = {
  keyBytesMax: 1024,
  valueBytesMax: 1024 * 1024,
  messageBytesMax: 4 * 1024 * 1024,
  batchKeysMax: 1000,
  namespacesMax: 10_000,
  watchesMax: 10_000,
};

/** Refuses more keys or operations in one call than it may name. */
export function checkBatch(limits: KvLimits, field: string, count: number): void {
  if (count > limits.batchKeysMax) throw limitExceeded(field, limits.batchKeysMax, count);
}
