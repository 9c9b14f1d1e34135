import { DatabaseSync } from "node:sqlite";
import { type ByteString, fromByteString, toByteString } from "../../src/store/byte-string.ts";
import { child, type Key } from "../../src/store/key.ts";
import { insertChange } from "../../src/store/sqlite/history-rows.ts";
import { JoinedFind } from "../../src/store/sqlite/joined-find.ts";
import { prepareReadStatements } from "../../src/store/sqlite/read-statements.ts";
import { readPosition, type StorePosition } from "../../src/store/sqlite/store-position.ts";
import { checksumOf, fromBlob, type StoredRow, toBlob } from "../../src/store/sqlite/wire.ts";
import { prepareWriterStatements } from "../../src/store/sqlite/writer-statements.ts";

export interface RawPut {
  readonly name: string;
  readonly value: ByteString;
}

/** What every operation looks up, and where the entries are: as a `BenchSpace` has it. */
export interface RawPlaces {
  readonly tenant: Key;
  readonly namespace: Key;
  readonly entries: Key;
}

/**
 * The floor: node:sqlite on the caller's thread, one connection, doing to a file of ours what the engine does, with the
 * engine's own statements. No queue, no other thread, no validation, no limits, no watches.
 */
export class RawDatabase {
  readonly #database: DatabaseSync;
  readonly #places: RawPlaces;
  readonly #read;
  readonly #joined: JoinedFind;
  readonly #write;
  readonly #position: StorePosition;
  #commits = 0;

  constructor(path: string, places: RawPlaces) {
    this.#places = places;
    this.#database = new DatabaseSync(path);
    // As the engine has them; but the log is moved into the file within a commit, as SQLite does by itself.
    this.#database.exec(
      "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA cache_size = -32768",
    );
    this.#read = prepareReadStatements(this.#database);
    this.#joined = new JoinedFind(this.#database);
    this.#write = prepareWriterStatements(this.#database);
    const position = readPosition(this.#database);
    if (position === undefined) throw new Error(`${path} is not filled`);
    this.#position = position;
  }

  get(name: string): ByteString {
    const { tenant, namespace } = this.#places;
    return this.#find([tenant, namespace, this.#keyOf(name)]);
  }

  getAlone(name: string): ByteString {
    return this.#find([this.#keyOf(name)]);
  }

  /** So many entries from a name on, and the records of their place after them. */
  list(name: string, limit: number): number {
    const { begin, end, position } = this.#read;
    begin.run();
    position.get();
    const found = this.page(toBlob(this.#keyOf(name)), limit).count;
    end.run();
    if (found === 0) throw new Error("list found nothing");
    this.#joined.find([this.#places.tenant, this.#places.namespace]);
    return found;
  }

  /** Entries from `start` on, and the last one's key. */
  page(start: Uint8Array, limit: number): { count: number; last: Uint8Array } {
    const { ascending } = this.#read;
    const pastEntries = toBlob(`${this.#places.entries}\xff` as Key);
    let count = 0;
    let last = start;
    for (const found of ascending.iterate(Date.now(), start, pastEntries, limit)) {
      const [key, value] = found as unknown as readonly [key: Uint8Array, value: Uint8Array];
      fromBlob(key);
      toByteString(value);
      last = key;
      count++;
    }
    return { count, last };
  }

  /** All entries at one revision, a page after the other; answers how many. */
  scan(pageSize: number): number {
    this.#read.begin.run();
    let total = 0;
    let start: Uint8Array = toBlob(this.#places.entries);
    for (;;) {
      const { count, last } = this.page(start, pageSize);
      total += count;
      if (count < pageSize) break;
      start = Buffer.concat([last, Buffer.of(0)]);
    }
    this.#read.end.run();
    return total;
  }

  /** Overwrites as the room does, the records of its place expected, all in one transaction. */
  put(puts: readonly RawPut[]): void {
    const { begin, commit, find, setHead } = this.#write;
    const { head, floor, time, lastChange, historyBytes, records, bytes } = this.#position;
    begin.run();
    find.get(toBlob(this.#places.tenant));
    find.get(toBlob(this.#places.namespace));
    for (const each of puts) this.#putOne(each);
    setHead.run(head, floor, time, lastChange, historyBytes, records, bytes);
    commit.run();
  }

  close(): void {
    this.#database.close();
  }

  #putOne({ name, value }: RawPut): void {
    const { find, put, addCommit } = this.#write;
    const position = this.#position;
    const key = this.#keyOf(name);
    const blob = toBlob(key);
    const previous = find.get(blob) as StoredRow | undefined;
    const revision = Math.max(position.head + 1, Date.now() * 1000);
    const created = previous?.created ?? revision;
    const entry = { value: fromByteString(value), created, expireAt: null };
    const checksum = checksumOf(blob, { ...entry, version: revision });
    put.run(blob, revision, created, null, checksum, entry.value);
    const number = ++position.lastChange;
    insertChange(this.#write, number, { type: "put", key, entry, previous });
    addCommit.run(revision, `raw-${this.#commits++}`, 0, number, 1, 2 * entry.value.length);
    position.head = revision;
  }

  #find(keys: readonly Key[]): ByteString {
    const row = this.#joined.find(keys).rows.at(-1);
    if (row === undefined) throw new Error("get found nothing");
    return toByteString(row.value);
  }

  #keyOf(name: string): Key {
    return child(this.#places.entries, name);
  }
}
