import { historyGone } from "../history-gone.ts";
import type { Key } from "../key.ts";
import type { CommitEvents, Revision, StoreEvent } from "../store.ts";
import { changeTypes, whyOf } from "./history-rows.ts";
import type { Reader } from "./reader.ts";
import type { RecordDecoder } from "./record-decoder.ts";
import { fromBlob } from "./wire.ts";

interface CommitRow {
  readonly revision: Revision;
  readonly bytes: number;
  readonly firstChange: number;
  readonly changes: number;
}

interface ChangeRow {
  readonly type: number;
  readonly key: Uint8Array;
  readonly rangeEnd: Uint8Array | null;
  readonly records: number | null;
  readonly created: Revision | null;
  readonly expireAt: number | null;
  readonly previousVersion: Revision | null;
  readonly previousCreated: Revision | null;
  readonly previousExpireAt: number | null;
  readonly value: Uint8Array | null;
  readonly previousValue: Uint8Array | null;
}

/** Whole commits after that revision, about so many bytes of them, to be called within one moment. */
export function readHistory(reader: Reader, after: Revision, bytesMax: number): CommitEvents[] {
  const { floor } = reader.position();
  const { isCommit, commitsAfter } = reader.statements;
  if (after < floor || (after > floor && isCommit.get(after) === undefined)) {
    throw historyGone(floor, after);
  }
  const found: CommitEvents[] = [];
  let bytes = 0;
  for (const row of commitsAfter.iterate(after)) {
    const commit = row as unknown as CommitRow;
    bytes += commit.bytes;
    if (found.length > 0 && bytes > bytesMax) break;
    found.push({ revision: commit.revision, events: eventsOf(reader, commit) });
  }
  return found;
}

function eventsOf(reader: Reader, { revision, firstChange, changes }: CommitRow): StoreEvent[] {
  if (changes === 0) return [];
  const rows = reader.statements.changes.all(firstChange, firstChange + changes);
  return rows.map((row) => eventOf(row as unknown as ChangeRow, revision, reader.decoder));
}

function eventOf(row: ChangeRow, revision: Revision, decoder: RecordDecoder): StoreEvent {
  const key = fromBlob(row.key);
  if (row.type === changeTypes.rangeDeleted) {
    const range = { start: key, end: fromBlob(row.rangeEnd as Uint8Array) };
    return { type: "rangeDeleted", range, records: row.records ?? 0 };
  }
  const previous = previousOf(row, key, decoder);
  const { value, created, expireAt } = row;
  if (row.type !== changeTypes.put) {
    const removed = { key, previous: previous as NonNullable<typeof previous> };
    if (value !== null) return { type: "deleted", ...removed, why: whyOf(value) };
    return { type: removals.get(row.type) ?? "deleted", ...removed };
  }
  const entry = decoder.entry(key, {
    value: value as Uint8Array,
    version: revision,
    created: created ?? revision,
    expireAt,
  });
  return previous === undefined ? { type: "put", entry } : { type: "put", entry, previous };
}

function previousOf(row: ChangeRow, key: Key, decoder: RecordDecoder) {
  const { previousValue, previousVersion, previousCreated, previousExpireAt } = row;
  if (previousValue === null || previousVersion === null || previousCreated === null)
    return undefined;
  return decoder.entry(key, {
    value: previousValue,
    version: previousVersion,
    created: previousCreated,
    expireAt: previousExpireAt,
  });
}

const removals = new Map(
  (["deleted", "expired", "evicted"] as const).map((type) => [changeTypes[type] as number, type]),
);
