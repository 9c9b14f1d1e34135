import type { Key, Range } from "../key.ts";
import { snapshotLost } from "../snapshot-lost.ts";
import type { Entry, Limits, Page, PageOptions, Revision, Snapshot } from "../store.ts";
import { type Visit, visit, visitBoth } from "./ordered-index.ts";
import { readPage } from "./read-page.ts";
import type { Records } from "./records.ts";
import type { OpenSnapshot, Snapshots } from "./snapshots.ts";
import { entryOf, StoredRecord } from "./stored-record.ts";
import { seenBy, type VersionChain, type VersionChains } from "./version-chains.ts";

/** What a snapshot reads. */
export interface SnapshotSource {
  readonly records: Records;
  readonly chains: VersionChains;
  readonly snapshots: Snapshots;
  readonly limits: Limits;
  now(): number;
}

/** The records and the chains behind them, as one revision saw them. */
export class MemorySnapshot implements Snapshot {
  readonly #source: SnapshotSource;
  readonly #opened: OpenSnapshot;

  constructor(source: SnapshotSource, opened: OpenSnapshot) {
    this.#source = source;
    this.#opened = opened;
  }

  get revision(): Revision {
    return this.#opened.revision;
  }

  async get(keys: readonly Key[]): Promise<(Entry | undefined)[]> {
    this.#assertKept();
    const { records, chains } = this.#source;
    return keys.map((key) => this.#seen(key, records.find(key) ?? chains.buried.get(key)));
  }

  async page(range: Range, options: PageOptions): Promise<Page> {
    this.#assertKept();
    const { records, chains, limits } = this.#source;
    const part = { ...range, ...options };
    const visitPart = (each: Visit<StoredRecord | VersionChain>): void =>
      chains.buried.size === 0
        ? visit(records.ordered, part, each)
        : visitBoth([records.ordered, chains.buried], part, each);
    const seen = (key: Key, item: StoredRecord | VersionChain) => this.#seen(key, item);
    const page = readPage(visitPart, seen, { ...limits, limit: options.limit });
    return { head: this.revision, ...page };
  }

  close(): void {
    this.#source.snapshots.close(this.#opened);
  }

  #seen(key: Key, item: StoredRecord | VersionChain | undefined): Entry | undefined {
    if (item === undefined) return undefined;
    const record = item instanceof StoredRecord ? item : undefined;
    const { revision, at } = this.#opened;
    const image = seenBy(
      this.#opened,
      record === undefined ? (item as VersionChain) : record.chain,
    );
    if (image !== undefined) {
      return image.expireAt > at ? entryOf(key, image, image.expireAt) : undefined;
    }
    if (record === undefined || record.version > revision) return undefined;
    const expireAt = this.#source.records.expireAt(record);
    return expireAt > at ? entryOf(key, record, expireAt) : undefined;
  }

  #assertKept(): void {
    this.#source.snapshots.loseEndedBefore(this.#source.now());
    if (!this.#opened.open) throw snapshotLost(this.revision);
  }
}
