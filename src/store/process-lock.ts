import { hostname } from "node:os";
import { DatabaseSync } from "node:sqlite";
import { createPrivately, makePrivate } from "./private-file.ts";
import { StartRefusal } from "./start-refusal.ts";

/** Who has the store open. */
interface Holder {
  readonly pid: number;
  readonly host: string;
  readonly since: string;
}

/**
 * Keeps every other process from a store on disk, and this one from opening it twice: a file beside it, on which SQLite
 * holds a lock for as long as the process lives. However it ends, the system lets go of it, so there is nothing stale.
 */
export class ProcessLock {
  readonly #database: DatabaseSync;

  constructor(path: string) {
    const file = `${path}-lock`;
    createPrivately(file);
    makePrivate(file);
    this.#database = new DatabaseSync(file);
    try {
      hold(this.#database);
    } catch (error) {
      const holder = codeOf(error) === busy ? holderOf(this.#database) : undefined;
      this.#database.close();
      if (codeOf(error) === diskFull) throw noRoom(path, error);
      if (codeOf(error) !== busy) throw notALock(path, file, error);
      throw held(path, holder);
    }
  }

  release(): void {
    this.#database.close();
  }
}

/** Says who holds it, then holds it. Somebody else may come in between: then it is said again. */
function hold(database: DatabaseSync): void {
  const own: Holder = { pid: process.pid, host: hostname(), since: new Date().toISOString() };
  database.exec("PRAGMA journal_mode = DELETE; PRAGMA synchronous = OFF");
  for (;;) {
    database.exec("BEGIN IMMEDIATE");
    // One that is being refused reads who holds it, and would refuse this one in turn if it commits meanwhile.
    database.exec(
      `PRAGMA busy_timeout = ${busyMs}; CREATE TABLE IF NOT EXISTS holder (pid, host, since)`,
    );
    const { pid, host, since } = holderOf(database) ?? {};
    if (pid === own.pid && host === own.host && since === own.since) return;
    database.exec("DELETE FROM holder");
    database.prepare("INSERT INTO holder VALUES (?, ?, ?)").run(own.pid, own.host, own.since);
    database.exec("COMMIT");
  }
}

function holderOf(database: DatabaseSync): Holder | undefined {
  try {
    return database.prepare("SELECT pid, host, since FROM holder").get() as Holder | undefined;
  } catch {
    return undefined; // it is being written: who it is, is not to be had
  }
}

function held(path: string, holder: Holder | undefined): StartRefusal {
  const own = holder?.pid === process.pid && holder.host === hostname();
  const who =
    holder === undefined
      ? "another process"
      : own
        ? "this process already"
        : `process ${holder.pid} on ${holder.host}, since ${holder.since}`;
  return new StartRefusal(path, {
    reason: `${who} has it open`,
    remedy: "Stop that process, or give this one another place: a store has one server",
  });
}

/** SQLite's primary result code: https://sqlite.org/rescode.html. */
const codeOf = (error: unknown): number => Number((error as { errcode?: unknown }).errcode) & 0xff;
const busy = 5;
const diskFull = 13;

const noRoom = (path: string, cause: unknown): StartRefusal =>
  new StartRefusal(path, { reason: "its disk is full", remedy: "Free some space", cause });

/** For a read of one row to end. */
const busyMs = 1000;

function notALock(path: string, file: string, cause: unknown): StartRefusal {
  const { message } = cause as Error;
  return new StartRefusal(path, {
    reason: `it cannot be locked with ${file} (${message})`,
    remedy: "Let this user write there, and if nothing runs on the store, remove that file",
    cause,
  });
}
