import { existsSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import { StartRefusal } from "../start-refusal.ts";
import type { Failpoints } from "./failpoint.ts";
import { applicationId, migrations, schemaVersion } from "./schema.ts";
import { insertPosition } from "./store-position.ts";

/** The one connection that writes, to a file that `database-file.ts` has found fit. */
export function connectWriter(path: string): DatabaseSync {
  // SQLite would make a new one, and the store would begin anew under those who use it.
  if (!existsSync(path)) {
    throw new StartRefusal(path, {
      reason: "the file is gone",
      remedy: "Put it back, or restore a backup, and start again",
    });
  }
  const database = new DatabaseSync(path, { timeout: busyMs, allowExtension: false });
  try {
    configure(database);
    return database;
  } catch (error) {
    database.close();
    throw error;
  }
}

/** FULL: a commit is on the disk when it is answered. A checkpoint is made after the answer, not within a commit. */
function configure(database: DatabaseSync): void {
  database.exec(`
    PRAGMA synchronous = FULL;
    PRAGMA wal_autocheckpoint = 0;
    PRAGMA journal_size_limit = ${walBytesKept};
    PRAGMA cache_size = -${cacheKibibytes};
    PRAGMA temp_store = MEMORY;
    PRAGMA trusted_schema = OFF;
    PRAGMA cell_size_check = ON;
  `);
}

/** Brings the file to this version's schema, one transaction a step; a new file begins at the time given. */
export function migrate(database: DatabaseSync, now: number, failpoints: Failpoints): void {
  const found = numberOf(database, "user_version");
  if (found > schemaVersion) {
    throw new StartRefusal(database.location() ?? "", {
      reason: `it was written by a newer version of Tiffin (schema ${found}, and this one knows ${schemaVersion})`,
      remedy: "Start that version, or restore a backup made by this one",
    });
  }
  // In the header before anything else is, and before the header can be in the write-ahead log.
  if (found === 0) database.exec(`PRAGMA application_id = ${applicationId}`);
  if (textOf(database, "journal_mode = WAL") !== "wal") {
    throw new StartRefusal(database.location() ?? "", {
      reason: "its file system does not allow a write-ahead log",
      remedy: "Put the file on a local disk",
    });
  }
  for (let version = found; version < schemaVersion; version++) {
    database.exec("BEGIN IMMEDIATE");
    migrations[version]?.(database);
    if (version === 0) insertPosition(database, now);
    database.exec(`PRAGMA user_version = ${version + 1}`);
    failpoints.pass("during migration");
    database.exec("COMMIT");
  }
}

function numberOf(database: DatabaseSync, pragma: string): number {
  return Number(Object.values(database.prepare(`PRAGMA ${pragma}`).get() ?? {})[0]);
}

function textOf(database: DatabaseSync, pragma: string): string {
  return String(Object.values(database.prepare(`PRAGMA ${pragma}`).get() ?? {})[0]);
}

/** How long to wait for a tool that has the file locked for a moment. */
const busyMs = 2000;
/** What the log is cut back to once nobody reads it any more. */
const walBytesKept = 16 * 1024 * 1024;
const cacheKibibytes = 32 * 1024;
