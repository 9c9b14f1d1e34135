import type { DatabaseSync, StatementSync } from "node:sqlite";
import type { Key } from "../key.ts";
import type { Revision } from "../store.ts";
import { type StoredRow, toBlob } from "./wire.ts";

/** How many records are read in one statement at most: a room's record and those of its place. */
export const joinedMax = 4;

/** Reads a few records with the head in one statement: a moment by itself, in half the time that a transaction of several takes. */
export class JoinedFind {
  readonly #database: DatabaseSync;
  /** By how many records they read. */
  readonly #statements: StatementSync[] = [];

  constructor(database: DatabaseSync) {
    this.#database = database;
  }

  find(keys: readonly Key[]): { head: Revision; rows: (StoredRow | undefined)[] } {
    const found = this.#statementFor(keys.length).get(...keys.map(toBlob)) as unknown as readonly [
      Revision,
      ...unknown[],
    ];
    return { head: found[0], rows: keys.map((_, index) => rowAt(found, 1 + index * columns)) };
  }

  #statementFor(count: number): StatementSync {
    const known = this.#statements[count];
    if (known !== undefined) return known;
    const statement = this.#database.prepare(textFor(count));
    statement.setReturnArrays(true);
    this.#statements[count] = statement;
    return statement;
  }
}

function textFor(count: number): string {
  const names = Array.from({ length: count }, (_, index) => `record${index}`);
  const selected = names.map(
    (name) => `, ${name}.value, ${name}.version, ${name}.created, ${name}.expire_at`,
  );
  const joined = names.map((name) => ` LEFT JOIN records AS ${name} ON ${name}.key = ?`);
  return `SELECT head.revision${selected.join("")} FROM head${joined.join("")}`;
}

function rowAt(found: readonly unknown[], at: number): StoredRow | undefined {
  const [value, version, created, expireAt] = found.slice(at, at + columns);
  if (value === null) return undefined;
  return { value, version, created, expireAt } as StoredRow;
}

const columns = 4;
