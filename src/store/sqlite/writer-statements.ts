import type { DatabaseSync, StatementSync } from "node:sqlite";

/** What the writing connection does, prepared once. */
export type WriterStatements = Readonly<Record<keyof typeof texts, StatementSync>>;

export function prepareWriterStatements(database: DatabaseSync): WriterStatements {
  const entries = Object.entries(texts).map(([name, text]) => [name, database.prepare(text)]);
  return Object.fromEntries(entries) as WriterStatements;
}

const texts = {
  begin: "BEGIN IMMEDIATE",
  commit: "COMMIT",
  rollback: "ROLLBACK",
  find: `SELECT value, version, created, expire_at AS expireAt FROM records WHERE key = ?`,
  put: `INSERT INTO records (key, version, created, expire_at, checksum, value) VALUES (?, ?, ?, ?, ?, ?)
    ON CONFLICT (key) DO UPDATE SET version = excluded.version, created = excluded.created,
      expire_at = excluded.expire_at, checksum = excluded.checksum, value = excluded.value`,
  setExpiry: "UPDATE records SET expire_at = ? WHERE key = ?",
  remove: "DELETE FROM records WHERE key = ?",
  sizes: `SELECT key, length(key) + length(value) AS bytes, expire_at AS expireAt FROM records
    WHERE key >= ? AND key < ? ORDER BY key`,
  removeRange: "DELETE FROM records WHERE key >= ? AND key < ?",
  removeThrough: "DELETE FROM records WHERE key >= ? AND key <= ?",
  addToRoot: `INSERT INTO roots (root, records, bytes) VALUES (?, ?, ?)
    ON CONFLICT (root) DO UPDATE SET records = records + excluded.records, bytes = bytes + excluded.bytes`,
  removeEmptyRoot: "DELETE FROM roots WHERE root = ? AND records = 0",
  addCommit: `INSERT INTO commits (revision, id, range_deleted, first_change, changes, bytes)
    VALUES (?, ?, ?, ?, ?, ?)`,
  addChange: `INSERT INTO changes (number, type, key, range_end, records, created, expire_at,
      previous_version, previous_created, previous_expire_at, value, previous_value)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
  firstChangeAfter: `SELECT first_change AS number FROM commits WHERE revision > ? ORDER BY revision LIMIT 1`,
  changeIn: `SELECT 1 FROM changes WHERE number >= ?1 AND key < ?3
    AND (key >= ?2 OR range_end > ?2) LIMIT 1`,
  oldestCommits: `SELECT revision, bytes, first_change + changes AS nextChange FROM commits
    WHERE revision > ? ORDER BY revision LIMIT ?`,
  forgetChanges: "DELETE FROM changes WHERE number < ?",
  nthLatestCommit: "SELECT revision FROM commits ORDER BY revision DESC LIMIT 1 OFFSET ?",
  forgetCommits: "DELETE FROM commits WHERE revision < ? AND revision <= ?",
  setHead: `UPDATE head SET revision = ?, floor = ?, time = ?, last_change = ?, history_bytes = ?,
    records = ?, bytes = ?`,
  walState: "PRAGMA wal_checkpoint(NOOP)",
  checkpoint: "PRAGMA wal_checkpoint(PASSIVE)",
};
