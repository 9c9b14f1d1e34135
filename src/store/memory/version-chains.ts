import type { Key } from "../key.ts";
import type { Revision } from "../store.ts";
import { costOfImage } from "./costs.ts";
import { createOrderedIndex } from "./ordered-index.ts";
import type { OpenSnapshot, Snapshots } from "./snapshots.ts";
import type { StoredRecord } from "./stored-record.ts";

/** What a record was before a change, for the snapshots that see it so. */
export interface Image {
  readonly value: unknown;
  readonly version: Revision;
  readonly created: Revision;
  readonly bytes: number;
  readonly expireAt: number;
  /** The epoch in which it was changed. */
  readonly until: number;
}

/** A record's earlier images, oldest first; one an open snapshot at most. */
export interface VersionChain {
  readonly key: Key;
  images: Image[];
  /** Absent once the record is removed; the chain is then among the buried. */
  record: StoredRecord | undefined;
}

/**
 * What open snapshots see and the records no longer are. A change costs one image, once a snapshot; opening a
 * snapshot costs nothing; what no snapshot sees any more is let go a slice at a time, by whoever writes.
 */
export class VersionChains {
  readonly #snapshots: Snapshots;
  /** The chains of records that are no more, in order. */
  readonly buried = createOrderedIndex<VersionChain>();
  readonly #chains: VersionChain[] = [];
  /** Where the pass over the chains is that lets images go, and how many of those behind it stay. */
  #passed = 0;
  #kept = 0;
  #passing = false;
  #passAgain = false;
  #bytes = 0;

  constructor(snapshots: Snapshots) {
    this.#snapshots = snapshots;
  }

  /** What the images cost. */
  get bytes(): number {
    return this.#bytes;
  }

  get size(): number {
    return this.#chains.length;
  }

  /** To be called before a record is changed or removed. */
  keep(record: StoredRecord, expireAt: number): void {
    const newest = this.#snapshots.newest;
    if (newest === undefined || record.version > newest.revision) return;
    if ((record.chain?.images.at(-1)?.until ?? 0) > newest.epoch) return; // it has an image of this already
    const chain = record.chain ?? this.#begin(record);
    this.#prune(chain);
    const { value, version, created, bytes } = record;
    const until = this.#snapshots.epoch;
    // Not pushed: an array that was pushed to has room for seventeen.
    chain.images = chain.images.concat({ value, version, created, bytes, expireAt, until });
    this.#bytes += costOfImage(bytes);
  }

  /** The record was just brought from another store: however old it says it is, no open snapshot saw it here. */
  hide(record: StoredRecord): void {
    const newest = this.#snapshots.newest;
    if (newest === undefined) return;
    const chain = record.chain ?? this.#begin(record);
    // Behind what was there before, which a later snapshot may see and an earlier one not.
    chain.images = chain.images.concat({ ...absence, until: this.#snapshots.epoch });
    this.#bytes += costOfImage(absence.bytes);
    this.#prune(chain);
  }

  /** The record is removed; its images stay within reach of snapshots. */
  bury(record: StoredRecord): void {
    const { chain } = record;
    if (chain === undefined) return;
    record.chain = undefined;
    chain.record = undefined;
    this.buried.set(chain.key, chain);
  }

  /** A record is created; what snapshots see of an earlier one under its key is its own from now on. */
  adopt(record: StoredRecord): void {
    if (this.buried.size === 0) return;
    const chain = this.buried.get(record.key);
    if (chain === undefined) return;
    this.buried.delete(record.key);
    chain.record = record;
    record.chain = chain;
  }

  /** To be called when a snapshot has ended: some images may be of no use now. */
  beginRelease(): void {
    if (this.#passing) this.#passAgain = true;
    this.#passing = this.#chains.length > 0;
  }

  /** Looks through so many chains for images that nobody sees any more. */
  release(chains: number): void {
    for (let count = 0; this.#passing && count < chains; count++) {
      const chain = this.#chains[this.#passed++] as VersionChain;
      this.#prune(chain);
      if (chain.images.length > 0) this.#chains[this.#kept++] = chain;
      else this.#end(chain);
      if (this.#passed === this.#chains.length) this.#endPass();
    }
  }

  #begin(record: StoredRecord): VersionChain {
    const chain: VersionChain = { key: record.key, images: [], record };
    record.chain = chain;
    this.#chains.push(chain);
    return chain;
  }

  #end(chain: VersionChain): void {
    if (chain.record === undefined) this.buried.delete(chain.key);
    else chain.record.chain = undefined;
  }

  #endPass(): void {
    this.#chains.length = this.#kept;
    this.#passed = 0;
    this.#kept = 0;
    this.#passing = this.#passAgain && this.#chains.length > 0;
    this.#passAgain = false;
  }

  #prune(chain: VersionChain): void {
    if (chain.images.length === 0) return;
    const seen = this.#snapshots.map((snapshot) => seenBy(snapshot, chain));
    chain.images = chain.images.filter((image) => {
      if (seen.includes(image)) return true;
      this.#bytes -= costOfImage(image.bytes);
      return false;
    });
  }
}

/** The image of a record that was not there: expired for ever. */
const absence = {
  value: undefined,
  version: 0,
  created: 0,
  bytes: 0,
  expireAt: Number.NEGATIVE_INFINITY,
};

/** The image that the snapshot sees; undefined when that is what the record is now, if anything. */
export function seenBy(
  { revision, epoch }: OpenSnapshot,
  chain: VersionChain | undefined,
): Image | undefined {
  return chain?.images.find(({ version, until }) => epoch < until && version <= revision);
}
