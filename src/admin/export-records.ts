import type { ExportRecord } from "#gen/tiffin/admin/v1/export_pb.ts";
import { fromByteString, toByteString } from "../store/byte-string.ts";
import { type Key, key, lengthOfParts, partsOf } from "../store/key.ts";
import type { Movable, Space } from "../store/space.ts";
import type { Entry, Origin } from "../store/store.ts";
import { exportInvalid } from "./export-invalid.ts";

/** A record of an export, read and found well-formed. */
export interface ReadRecord {
  readonly space: Space<unknown>;
  /** The key without the tenant's number. */
  readonly key: Key;
  readonly value: unknown;
  readonly origin: Origin;
  readonly expireAt: number | "none";
  /** What key and value take. */
  readonly bytes: number;
}

/** The record as it travels: without the first part of its key, which numbers the tenant in this store alone. */
export function toExportRecord(entry: Entry, space: Space<unknown>): ExportRecord {
  const { key: whole, value, version, created, expireAt } = entry;
  return {
    $typeName: "tiffin.admin.v1.ExportRecord",
    key: fromByteString(whole.slice(lengthOfParts(whole, 1))),
    value: space.codec.encode(value),
    version: BigInt(version),
    createVersion: BigInt(created),
    ...(expireAt !== undefined && { expireAtMs: expireAt }),
  };
}

/** Reads what `toExportRecord` wrote. What it cannot have written is refused: it may come from anywhere. */
export function readExportRecord(
  record: ExportRecord,
  { spaces, revision }: { spaces: ReadonlyMap<string, Space<unknown>>; revision: bigint },
): ReadRecord {
  const whole = readKey(record.key);
  const name = partsOf(whole)[0];
  const space = typeof name === "string" ? spaces.get(name) : undefined;
  if (space === undefined) throw exportInvalid(`holds records of a kind not known here: ${name}`);
  const { version, createVersion, expireAtMs } = record;
  if (createVersion <= 0n || createVersion > version || version > revision) {
    throw exportInvalid("holds a record with versions that it cannot have");
  }
  if (expireAtMs !== undefined && !(Number.isFinite(expireAtMs) && expireAtMs > 0)) {
    throw exportInvalid("holds a record with an expiry that it cannot have");
  }
  const value = readValue(record.value, space);
  const expireAt = expireAtMs ?? "none";
  if (space.isSound?.(movableOf({ key: whole, value }), expireAt) === false) {
    throw exportInvalid(`holds a record that is none of its kind, ${space.name}`);
  }
  return {
    space,
    key: whole,
    value,
    origin: { version: Number(version), created: Number(createVersion) },
    expireAt,
    bytes: whole.length + record.value.length,
  };
}

/** The record as its space sees it, apart from where it is. */
export const movableOf = ({
  key: whole,
  value,
}: Pick<ReadRecord, "key" | "value">): Movable<unknown> => ({
  parts: partsOf(whole).slice(1),
  value,
});

function readValue(bytes: Uint8Array, space: Space<unknown>): unknown {
  try {
    return space.codec.decode(bytes);
  } catch (cause) {
    throw exportInvalid(`holds a value that is none of its kind, ${space.name}`, cause);
  }
}

/** The only way in for a key that this process did not make: reading one that is none might never end. */
function readKey(bytes: Uint8Array): Key {
  const text = toByteString(bytes);
  try {
    if (tuple.test(text) && key(...partsOf(text as Key)) === text) return text as Key;
  } catch {
    // It holds what no key may: as good as malformed.
  }
  throw exportInvalid("holds a key that is none");
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: keys are made of them
const tuple = /^(?:[\x01\x02](?:[^\x00]|\x00\xff)*\x00(?!\xff))+$/;
