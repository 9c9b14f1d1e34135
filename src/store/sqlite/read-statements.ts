import type { DatabaseSync, StatementSync } from "node:sqlite";

/** What a reading connection does, prepared once. */
export type ReadStatements = Readonly<Record<keyof typeof texts, StatementSync>>;

export function prepareReadStatements(database: DatabaseSync): ReadStatements {
  const entries = Object.entries(texts).map(([name, text]) => [name, database.prepare(text)]);
  const statements = Object.fromEntries(entries) as ReadStatements;
  // Of many rows: an object with names for each takes a third of a page's time.
  for (const name of ["ascending", "descending"] as const) statements[name].setReturnArrays(true);
  return statements;
}

const row = "version, created, expire_at AS expireAt";
/** Of what has expired the value is not even read. */
const liveRow =
  "key, CASE WHEN expire_at <= ?1 THEN NULL ELSE value END, version, created, expire_at";

const texts = {
  begin: "BEGIN",
  end: "COMMIT",
  position: `SELECT revision AS head, floor, time, last_change AS lastChange, history_bytes AS historyBytes,
    records, bytes FROM head`,
  find: `SELECT value, ${row} FROM records WHERE key = ?`,
  ascending: `SELECT ${liveRow} FROM records WHERE key >= ?2 AND key < ?3 ORDER BY key LIMIT ?4`,
  descending: `SELECT ${liveRow} FROM records WHERE key >= ?2 AND key < ?3 ORDER BY key DESC LIMIT ?4`,
  due: `SELECT key, value, ${row} FROM records WHERE expire_at <= ? ORDER BY expire_at LIMIT ?`,
  root: "SELECT records, bytes FROM roots WHERE root = ?",
  roots: `SELECT root, records, bytes FROM roots WHERE root >= ? AND root < ? ORDER BY root LIMIT ?`,
  isCommit: "SELECT 1 FROM commits WHERE revision = ?",
  commitsAfter: `SELECT revision, bytes, first_change AS firstChange, changes FROM commits
    WHERE revision > ? ORDER BY revision`,
  changes: `SELECT type, key, range_end AS rangeEnd, records, created, expire_at AS expireAt,
      previous_version AS previousVersion, previous_created AS previousCreated,
      previous_expire_at AS previousExpireAt, value, previous_value AS previousValue
    FROM changes WHERE number >= ? AND number < ? ORDER BY number`,
  latestCommits: `SELECT id, revision, range_deleted AS rangeDeleted FROM commits
    ORDER BY revision DESC LIMIT ?`,
};
