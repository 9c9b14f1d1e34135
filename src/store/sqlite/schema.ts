import type { DatabaseSync } from "node:sqlite";

/** What makes of one version of the schema the next. */
export type Migration = (database: DatabaseSync) => void;

/**
 * Forward only, the first from an empty file; each runs in one transaction. Version n is what the first n leave behind.
 * One that was released never changes: test/fixtures/sqlite has a database of each.
 */
export const migrations: readonly Migration[] = [createTables];

export const schemaVersion = migrations.length;

/** "Tiff", in the header of every file of ours: `file` and `sqlite3` show it, and no other program's database is taken for one. */
export const applicationId = 0x54696666;

function createTables(database: DatabaseSync): void {
  database.exec(`
    -- One row: where the store stands. \`time\` is the latest that the store's clock has shown a commit, in milliseconds.
    CREATE TABLE head (
      one INTEGER PRIMARY KEY CHECK (one = 1),
      revision INTEGER NOT NULL,
      floor INTEGER NOT NULL,
      time NUMERIC NOT NULL,
      last_change INTEGER NOT NULL,
      history_bytes INTEGER NOT NULL,
      records INTEGER NOT NULL,
      bytes INTEGER NOT NULL
    );
    -- In the order of their keys, whose bytes compare as the keys do. Expiries are Unix milliseconds. \`checksum\` is of
    -- key, versions and value: SQLite has none, and would not notice a bit that turned within a value.
    CREATE TABLE records (
      key BLOB PRIMARY KEY,
      version INTEGER NOT NULL,
      created INTEGER NOT NULL,
      expire_at NUMERIC,
      checksum INTEGER NOT NULL,
      value BLOB NOT NULL
    ) WITHOUT ROWID;
    CREATE INDEX expiries ON records (expire_at) WHERE expire_at IS NOT NULL;
    -- Every commit, those without events too: its revision was issued. Those below the floor are kept for their ids alone.
    CREATE TABLE commits (
      revision INTEGER PRIMARY KEY,
      id TEXT NOT NULL,
      range_deleted INTEGER NOT NULL,
      first_change INTEGER NOT NULL,
      changes INTEGER NOT NULL,
      bytes INTEGER NOT NULL
    );
    -- The events of commits, in order. What each type has: history-rows.ts.
    CREATE TABLE changes (
      number INTEGER PRIMARY KEY,
      type INTEGER NOT NULL,
      key BLOB NOT NULL,
      range_end BLOB,
      records INTEGER,
      created INTEGER,
      expire_at NUMERIC,
      previous_version INTEGER,
      previous_created INTEGER,
      previous_expire_at NUMERIC,
      value BLOB,
      previous_value BLOB
    );
    -- What is stored under each root that has records.
    CREATE TABLE roots (
      root BLOB PRIMARY KEY,
      records INTEGER NOT NULL,
      bytes INTEGER NOT NULL
    ) WITHOUT ROWID;
  `);
}
