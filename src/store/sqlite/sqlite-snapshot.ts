import type { Key, Range } from "../key.ts";
import { snapshotLost } from "../snapshot-lost.ts";
import type { Entry, Page, PageOptions, Revision, Snapshot } from "../store.ts";
import type { Reader } from "./reader.ts";
import type { OpenSnapshot, Snapshots } from "./snapshots.ts";

/** What a connection of its own sees in a transaction that is held open. */
export class SqliteSnapshot implements Snapshot {
  readonly #snapshots: Snapshots;
  readonly #opened: OpenSnapshot;

  constructor(snapshots: Snapshots, opened: OpenSnapshot) {
    this.#snapshots = snapshots;
    this.#opened = opened;
  }

  get revision(): Revision {
    return this.#opened.revision;
  }

  async get(keys: readonly Key[]): Promise<(Entry | undefined)[]> {
    const reader = this.#reader();
    return reader.within(() => keys.map((key) => reader.find(key, this.#opened.at)));
  }

  async page(range: Range, options: PageOptions): Promise<Page> {
    const reader = this.#reader();
    const page = reader.within(() => reader.page(range, options, this.#opened.at));
    return { head: this.revision, ...page };
  }

  close(): void {
    this.#snapshots.close(this.#opened);
  }

  #reader(): Reader {
    const reader = this.#snapshots.readerOf(this.#opened);
    if (reader === undefined) throw snapshotLost(this.revision);
    return reader;
  }
}
