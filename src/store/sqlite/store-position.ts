import type { DatabaseSync } from "node:sqlite";
import type { Revision } from "../store.ts";

/** The one row of `head`: where the store stands after the latest transaction. */
export interface StorePosition {
  head: Revision;
  /** From here on the history is whole. */
  floor: Revision;
  /** The latest time a commit was made at, in milliseconds: after a restart the clock does not show an earlier one. */
  time: number;
  /** The number of the latest change. */
  lastChange: number;
  historyBytes: number;
  records: number;
  bytes: number;
}

export function readPosition(database: DatabaseSync): StorePosition | undefined {
  const row = database.prepare(select).get();
  return row === undefined ? undefined : ({ ...row } as unknown as StorePosition);
}

export function insertPosition(database: DatabaseSync, now: number): void {
  const head = revisionAt(now);
  database.prepare("INSERT INTO head VALUES (1, ?, ?, ?, 0, 0, 0, 0)").run(head, head, now);
}

/** Unix microseconds. */
export const revisionAt = (ms: number): Revision => Math.floor(ms * 1000);

const select = `
  SELECT revision AS head, floor, time, last_change AS lastChange, history_bytes AS historyBytes, records, bytes
  FROM head`;
