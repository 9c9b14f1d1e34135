import type { Key, Range } from "../key.ts";
import type { Space } from "../space.ts";
import { Spaces } from "../spaces.ts";
import type { Entry, Revision, RootStatistics, Statistics } from "../store.ts";
import { costOfRecord } from "./costs.ts";
import type { EvictionPool } from "./eviction-pool.ts";
import { ExpiryHeap } from "./expiry-heap.ts";
import {
  createOrderedIndex,
  type OrderedIndex,
  type Visit,
  visit,
  type Walk,
} from "./ordered-index.ts";
import { Roots } from "./roots.ts";
import { EvictableRecord, entryOf, StoredRecord } from "./stored-record.ts";
import type { VersionChains } from "./version-chains.ts";

/** What a put makes of a record. */
export interface NewState {
  readonly value: unknown;
  readonly version: Revision;
  readonly created: Revision;
  readonly bytes: number;
  readonly expireAt: number;
}

/**
 * The records as they are now, the expired included, with all that must change along with them: order, expiries,
 * statistics, images for snapshots, the pool for eviction. Nothing else changes a record.
 */
export class Records {
  readonly #byKey = new Map<Key, StoredRecord>();
  readonly #ordered = createOrderedIndex<StoredRecord>();
  readonly #expiries = new ExpiryHeap();
  readonly #roots = new Roots();
  readonly #spaces: Spaces;
  readonly #chains: VersionChains;
  readonly #pool: EvictionPool | undefined;
  #cost = 0;

  constructor(options: {
    spaces: readonly Space<unknown>[];
    chains: VersionChains;
    pool: EvictionPool | undefined;
  }) {
    this.#spaces = new Spaces(options.spaces);
    this.#chains = options.chains;
    this.#pool = options.pool;
  }

  get size(): number {
    return this.#byKey.size;
  }

  /** What all records cost. */
  get cost(): number {
    return this.#cost;
  }

  get ordered(): OrderedIndex<StoredRecord> {
    return this.#ordered;
  }

  find(key: Key): StoredRecord | undefined {
    return this.#byKey.get(key);
  }

  findLive(key: Key, now: number): StoredRecord | undefined {
    const record = this.#byKey.get(key);
    return record !== undefined && this.isLive(record, now) ? record : undefined;
  }

  isLive(record: StoredRecord, now: number): boolean {
    return this.#expiries.of(record) > now;
  }

  expireAt(record: StoredRecord): number {
    return this.#expiries.of(record);
  }

  entry(record: StoredRecord): Entry {
    return entryOf(record.key, record, this.#expiries.of(record));
  }

  visit(part: Walk, each: Visit<StoredRecord>): void {
    visit(this.#ordered, part, each);
  }

  expired(now: number, limit: number): StoredRecord[] {
    return this.#expiries.expired(now, limit);
  }

  spaceOf(key: Key): Space<unknown> {
    return this.#spaces.of(key);
  }

  statistics(root: Key | undefined): Statistics {
    return this.#roots.statistics(root);
  }

  rootsIn(range: Range, limit: number): RootStatistics[] {
    return this.#roots.within(range, limit);
  }

  /** Recounts: what is wrong with the order and the statistics. */
  check(): string[] {
    const problems: string[] = [];
    const counted = new Roots();
    let before: Key | undefined;
    for (const [key, record] of this.#ordered.entries()) {
      if (before !== undefined && key <= before) problems.push(`a key is out of order: ${key}`);
      if (this.#byKey.get(key) !== record) problems.push(`the two indexes disagree about ${key}`);
      counted.add(counted.open(key, record.root.space), 1, record.bytes);
      before = key;
    }
    if (this.#ordered.size !== this.#byKey.size)
      problems.push("one index holds more than the other");
    return [...problems, ...this.#roots.differences(counted)];
  }

  /** Notes that somebody asked for the record. */
  use(record: StoredRecord): void {
    if (record instanceof EvictableRecord) this.#pool?.use(record);
  }

  create(key: Key, space: Space<unknown>, state: NewState): StoredRecord {
    const root = this.#roots.open(key, space);
    const record = this.#allocate({ key, root }, state);
    this.#byKey.set(key, record);
    this.#ordered.set(key, record);
    this.#expiries.set(record, state.expireAt);
    this.#chains.adopt(record);
    this.#roots.add(root, 1, state.bytes);
    this.#cost += costOfRecord(state.bytes);
    return record;
  }

  overwrite(record: StoredRecord, { value, version, created, bytes, expireAt }: NewState): void {
    this.#chains.keep(record, this.#expiries.of(record));
    this.#roots.add(record.root, 0, bytes - record.bytes);
    this.#cost += bytes - record.bytes;
    record.value = value;
    record.version = version;
    // Seldom another: and what is never assigned again is faster to read, for as long as none is brought from elsewhere.
    if (record.created !== created) record.created = created;
    record.bytes = bytes;
    this.#expiries.set(record, expireAt);
    this.use(record);
  }

  /** To be called when what was just written came from another store. */
  hideFromSnapshots(record: StoredRecord): void {
    this.#chains.hide(record);
  }

  setExpiry(record: StoredRecord, expireAt: number): void {
    this.#chains.keep(record, this.#expiries.of(record));
    this.#expiries.set(record, expireAt);
  }

  remove(record: StoredRecord): void {
    this.#ordered.delete(record.key);
    this.#forget(record);
  }

  /** Removes all records of the range, which are these. */
  removeRange({ start, end }: Range, all: readonly StoredRecord[]): void {
    this.#ordered.deleteRange(start, end, false);
    for (const record of all) this.#forget(record);
  }

  #forget(record: StoredRecord): void {
    this.#chains.keep(record, this.#expiries.of(record));
    this.#chains.bury(record);
    this.#byKey.delete(record.key);
    this.#expiries.remove(record);
    this.#roots.add(record.root, -1, -record.bytes);
    this.#cost -= costOfRecord(record.bytes);
    if (record instanceof EvictableRecord) this.#pool?.remove(record);
  }

  #allocate(place: Pick<StoredRecord, "key" | "root">, state: NewState): StoredRecord {
    if (this.#pool === undefined || !place.root.space.evictable) {
      return new StoredRecord(place, state);
    }
    const record = new EvictableRecord(place, state);
    this.#pool.add(record);
    return record;
  }
}
