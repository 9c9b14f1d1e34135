import { DatabaseSync } from "node:sqlite";
import type { Key, Range } from "../key.ts";
import type { Entry, Limits, PageOptions, Revision } from "../store.ts";
import { isLiveAt } from "./commit-plan.ts";
import { JoinedFind } from "./joined-find.ts";
import { prepareReadStatements, type ReadStatements } from "./read-statements.ts";
import type { RecordDecoder } from "./record-decoder.ts";
import { toStoreError } from "./sqlite-errors.ts";
import type { StorePosition } from "./store-position.ts";
import { fromBlob, type StoredRow, toBlob } from "./wire.ts";

export interface ReaderOptions {
  readonly path: string;
  readonly decoder: RecordDecoder;
  readonly limits: Limits;
  readonly cacheKibibytes: number;
}

type KeyedRow = StoredRow & { readonly key: Uint8Array };

/** As a page's statement answers it. */
type PageRow = readonly [
  key: Uint8Array,
  value: Uint8Array,
  version: Revision,
  created: Revision,
  expireAt: number | null,
];

/** A connection that only reads. What is read within one `within` is of one moment. */
export class Reader {
  readonly statements: ReadStatements;
  readonly decoder: RecordDecoder;
  readonly #database: DatabaseSync;
  readonly #joined: JoinedFind;
  readonly #options: ReaderOptions;

  constructor(options: ReaderOptions) {
    this.#options = options;
    this.decoder = options.decoder;
    this.#database = new DatabaseSync(options.path, { readOnly: true, timeout: busyMs });
    try {
      this.#database.exec(
        `PRAGMA cache_size = -${options.cacheKibibytes}; PRAGMA trusted_schema = OFF`,
      );
      this.statements = prepareReadStatements(this.#database);
      this.#joined = new JoinedFind(this.#database);
    } catch (error) {
      this.#database.close();
      throw error;
    }
  }

  /** Runs the reads at one moment; within a moment that is held, at that. */
  within<T>(reads: () => T): T {
    try {
      if (this.#database.isTransaction) return reads();
      this.statements.begin.run();
      try {
        return reads();
      } finally {
        this.statements.end.run();
      }
    } catch (error) {
      throw toStoreError(error, this.#options.path);
    }
  }

  /** Holds the moment until `letGo`. */
  hold(): Revision {
    try {
      this.statements.begin.run();
      return this.position().head; // a transaction begins with its first read
    } catch (error) {
      throw toStoreError(error, this.#options.path);
    }
  }

  letGo(): void {
    if (this.#database.isTransaction) this.statements.end.run();
  }

  position(): StorePosition {
    return this.statements.position.get() as unknown as StorePosition;
  }

  /** At most `joinedMax` records, with the head, at one moment. */
  findWithHead(
    keys: readonly Key[],
    now: number,
  ): { head: Revision; entries: (Entry | undefined)[] } {
    try {
      const { head, rows } = this.#joined.find(keys);
      const entries = rows.map((row, at) => row && this.#liveEntry(keys[at] as Key, row, now));
      return { head, entries };
    } catch (error) {
      throw toStoreError(error, this.#options.path);
    }
  }

  find(key: Key, now: number): Entry | undefined {
    const found = this.statements.find.get(toBlob(key)) as StoredRow | undefined;
    return found === undefined ? undefined : this.#liveEntry(key, found, now);
  }

  /** One page: bounded by its limit, by bytes, and by how many records are looked at. */
  page(range: Range, options: PageOptions, now: number): { entries: Entry[]; next?: Key } {
    const { limit, descending = false } = options;
    const { pageBytes, pageRecords } = this.#options.limits;
    const { start, end } = partOf(range, options);
    const entries: Entry[] = [];
    if (start >= end) return { entries };
    const statement = descending ? this.statements.descending : this.statements.ascending;
    let bytes = 0;
    let examined = 0;
    let last: Uint8Array | undefined;
    for (const found of statement.iterate(now, toBlob(start), toBlob(end), pageRecords + 1)) {
      const [key, value, version, created, expireAt] = found as unknown as PageRow;
      const full = entries.length >= limit || bytes >= pageBytes || examined >= pageRecords;
      if (full && last !== undefined) return { entries, next: fromBlob(last) };
      const row = { value, version, created, expireAt };
      const entry = this.#liveEntry(fromBlob(key), row, now);
      if (entry !== undefined) {
        entries.push(entry);
        bytes += entry.bytes;
      }
      examined++;
      last = key;
    }
    return { entries };
  }

  /** What has expired by now, the first to expire first; not more than a commit's bytes of it, but at least one. */
  due(now: number, limit: number): Entry[] {
    const entries: Entry[] = [];
    let bytes = 0;
    for (const found of this.statements.due.iterate(now, limit)) {
      const row = found as unknown as KeyedRow;
      const entry = this.decoder.entry(fromBlob(row.key), row);
      entries.push(entry);
      bytes += entry.bytes;
      if (bytes >= this.#options.limits.commitBytes) break;
    }
    return entries;
  }

  close(): void {
    this.#database.close();
  }

  #liveEntry(key: Key, row: StoredRow, now: number): Entry | undefined {
    if (row.value === null || !isLiveAt(row.expireAt, now)) return undefined;
    return this.decoder.entry(key, row);
  }
}

/** What is left of the range after the page before. */
function partOf({ start, end }: Range, { after, descending }: PageOptions): Range {
  if (after === undefined) return { start, end };
  if (descending === true) return { start, end: after < end ? after : end };
  return { start: after >= start ? (`${after}\x00` as Key) : start, end };
}

/** How long to wait for a tool that has the file locked for a moment. */
const busyMs = 1000;
