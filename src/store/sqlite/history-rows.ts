import type { Key, Range } from "../key.ts";
import { type StoredRow, toBlob } from "./wire.ts";
import type { WriterStatements } from "./writer-statements.ts";

/** How the types of events are written in `changes.type`. Numbers that were released keep their meaning. */
export const changeTypes = {
  put: 1,
  deleted: 2,
  expired: 3,
  evicted: 4,
  rangeDeleted: 5,
} as const;

/**
 * An event, before it is given its place in the history. A removal leaves nothing behind that its `value` could hold: of a
 * deletion that says why, that is there, in UTF-8; of any other removal it is null.
 */
export type Change =
  | {
      readonly type: "put";
      readonly key: Key;
      readonly entry: Omit<StoredRow, "version">;
      readonly previous?: StoredRow | undefined;
    }
  | {
      readonly type: "deleted";
      readonly key: Key;
      readonly previous: StoredRow;
      readonly why?: string | undefined;
    }
  | { readonly type: "expired" | "evicted"; readonly key: Key; readonly previous: StoredRow }
  | { readonly type: "rangeDeleted"; readonly range: Range; readonly records: number };

/** Of a put the version is the revision of its commit. */
export function insertChange(
  { addChange }: WriterStatements,
  number: number,
  change: Change,
): void {
  if (change.type === "rangeDeleted") {
    const { start, end } = change.range;
    const { records } = change;
    const bounds = [toBlob(start), toBlob(end), records] as const;
    addChange.run(
      number,
      changeTypes.rangeDeleted,
      ...bounds,
      ...noEntry,
      ...noPrevious,
      null,
      null,
    );
    return;
  }
  const { type, key, previous } = change;
  const entry = change.type === "put" ? change.entry : undefined;
  addChange.run(
    number,
    changeTypes[type],
    toBlob(key),
    null,
    null,
    ...(entry === undefined ? noEntry : ([entry.created, entry.expireAt] as const)),
    ...(previous === undefined
      ? noPrevious
      : ([previous.version, previous.created, previous.expireAt] as const)),
    storedValue(change),
    previous?.value ?? null,
  );
}

/** What the change adds to the bytes of its commit: every entry is counted with the one before it, as watches send them. */
export function bytesOfChange(change: Change): number {
  if (change.type === "rangeDeleted") {
    return changeOverhead + change.range.start.length + change.range.end.length;
  }
  const value = storedValue(change)?.length ?? 0;
  return changeOverhead + change.key.length + value + (change.previous?.value.length ?? 0);
}

function storedValue(change: Exclude<Change, { type: "rangeDeleted" }>): Uint8Array | null {
  if (change.type === "put") return change.entry.value;
  return change.type === "deleted" && change.why !== undefined ? Buffer.from(change.why) : null;
}

/** Why it was deleted, of the `value` of a deletion. */
export const whyOf = (value: Uint8Array): string =>
  Buffer.from(value.buffer, value.byteOffset, value.length).toString();

const noEntry = [null, null] as const;
const noPrevious = [null, null, null] as const;

/** What a row takes beside its key and values: its other columns, its header, its place on a page. */
const changeOverhead = 64;
