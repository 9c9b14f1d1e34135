import type { Key } from "../key.ts";
import type { Call, KeyExpectation, Revision, Store } from "../store.ts";

/** What a directory's records hold at the least. */
export interface Numbered {
  /** Begins the keys of what is under the name; from `Tx.nextNumber`, so never used before. */
  readonly number: number;
}

/** Where what a name stands for is kept, as it was when looked up. */
export interface Place {
  readonly record: Key;
  readonly number: number;
  readonly created: Revision;
}

/**
 * Names (tenants, namespaces) to never-reused numbers. Deleting a name is deleting its record: everything under the
 * number is out of reach at once, because every read includes the record and every commit expects it. So a place may be
 * remembered here for as long as it likes: a stale one never reads or writes, it is found out and looked up again.
 */
export class Directory {
  readonly #store: Store;
  readonly #places = new Map<Key, Place>();

  constructor(store: Store) {
    this.#store = store;
  }

  /** The place of the record, remembered or read; undefined when there is none. */
  async find(record: Key, call?: Call): Promise<Place | undefined> {
    const known = this.#places.get(record);
    if (known !== undefined) return known;
    const { entries } = await this.#store.get([record], call);
    const entry = entries[0];
    if (entry === undefined) return undefined;
    const place = { record, number: (entry.value as Numbered).number, created: entry.created };
    if (this.#places.size >= placesMax) this.#places.clear();
    this.#places.set(record, place);
    return place;
  }

  /** To be called when a place was found stale, before looking it up again. */
  forget(record: Key): void {
    this.#places.delete(record);
  }
}

/** Expected by every commit under the place: the name still stands for the same. */
export const alive = (place: Place): KeyExpectation => ({
  key: place.record,
  is: { created: place.created },
});

const placesMax = 100_000;
