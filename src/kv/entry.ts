import type { Entry } from "#gen/tiffin/kv/v1/entry_pb.ts";
import { EntryView } from "#gen/tiffin/kv/v1/entry_pb.ts";
import type { ByteString } from "../store/byte-string.ts";
import type { Entry as Stored } from "../store/store.ts";
import { toTimestamp } from "../timestamp.ts";
import { decodeValue } from "./value.ts";

export type StoredEntry = Stored<ByteString>;

/** What a store answered under an entry's key. */
export const asStored = (entry: Stored | undefined): StoredEntry | undefined =>
  entry as StoredEntry | undefined;

/** The entry as it is answered, whole. */
export function toEntry(key: string, stored: StoredEntry): Entry {
  const entry = toEntryWithoutValue(key, stored);
  entry.value = decodeValue(stored.value);
  return entry;
}

/** The entry as the caller wants to see it. */
export const toEntryInView = (key: string, stored: StoredEntry, view: EntryView): Entry =>
  view === EntryView.KEYS ? toEntryWithoutValue(key, stored) : toEntry(key, stored);

/** A bound on what the entry takes in an answer. */
export const answerBytesOf = (key: string, stored: StoredEntry, view: EntryView): number =>
  answerOverheadBytes +
  Buffer.byteLength(key) +
  (view === EntryView.KEYS ? 0 : stored.value.length);

function toEntryWithoutValue(key: string, { version, created, expireAt }: StoredEntry): Entry {
  const entry: Entry = {
    $typeName: "tiffin.kv.v1.Entry",
    key,
    version: BigInt(version),
    createVersion: BigInt(created),
  };
  if (expireAt !== undefined) entry.expireTime = toTimestamp(expireAt);
  return entry;
}

/** Tags, lengths, versions, an expiry, and the revision beside the entry. */
const answerOverheadBytes = 80;
