import type { Key } from "../key.ts";
import type { Entry, Revision } from "../store.ts";
import type { Root } from "./roots.ts";
import type { VersionChain } from "./version-chains.ts";

/** Stands for the instant at which what has no expiry expires. */
export const never = Number.POSITIVE_INFINITY;

/** In `slot`: the record has no expiry. */
export const noSlot = -1;

/**
 * What is kept of a record: one object a key, changed in place, so that an overwrite touches no index. When it
 * expires is in the expiry heap, because a field for it would cost every record 24 bytes.
 */
export class StoredRecord {
  readonly key: Key;
  readonly root: Root;
  value: unknown;
  version: Revision;
  created: Revision;
  bytes: number;
  /** Where in the expiry heap its expiry is. */
  slot: number = noSlot;
  /** What open snapshots still see of it. */
  chain: VersionChain | undefined = undefined;

  constructor(
    { key, root }: { key: Key; root: Root },
    { value, version, created, bytes }: Pick<Entry, "value" | "version" | "created" | "bytes">,
  ) {
    this.key = key;
    this.root = root;
    this.value = value;
    this.version = version;
    this.created = created;
    this.bytes = bytes;
  }
}

/** A record that may have to make room. Only a store that evicts has any: the others do not pay for two fields more. */
export class EvictableRecord extends StoredRecord {
  /** When it was last used, on the pool's own count. */
  used = 0;
  /** Where in the pool it is. */
  place = 0;
}

/** The record, or an earlier image of it, as readers see it. */
export function entryOf(
  key: Key,
  { value, version, created, bytes }: Omit<Entry, "key" | "expireAt">,
  expireAt: number,
): Entry {
  return expireAt === never
    ? { key, value, version, created, bytes }
    : { key, value, version, created, expireAt, bytes };
}
