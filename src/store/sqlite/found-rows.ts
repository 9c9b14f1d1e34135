import type { Key } from "../key.ts";
import { type StoredRow, toBlob } from "./wire.ts";
import type { WriterStatements } from "./writer-statements.ts";

/**
 * What a transaction has read of the records, as long as nothing has written it: nearly every commit of a batch expects the
 * records of the same tenant and namespace.
 */
export class FoundRows {
  readonly #statements: WriterStatements;
  readonly #rows = new Map<Key, StoredRow | undefined>();
  #bytes = 0;

  constructor(statements: WriterStatements) {
    this.#statements = statements;
  }

  find(key: Key): StoredRow | undefined {
    const known = this.#rows.get(key);
    if (known !== undefined || this.#rows.has(key)) return known;
    const row = this.#statements.find.get(toBlob(key)) as StoredRow | undefined;
    this.#rows.set(key, row);
    this.#bytes += key.length + (row?.value.length ?? 0);
    return row;
  }

  /** To be called when the record is written. */
  forget(key: Key): void {
    this.#rows.delete(key);
  }

  forgetAll(): void {
    this.#rows.clear();
    this.#bytes = 0;
  }

  /** To be called between two commits: a batch of large ones must not be held twice. */
  keepSmall(): void {
    if (this.#bytes > bytesKept) this.forgetAll();
  }
}

const bytesKept = 1024 * 1024;
