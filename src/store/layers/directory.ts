import { child, type Key, key } from "../key.ts";
import type { Entry, KeyExpectation, Revision, Tx } from "../store.ts";

/** What a directory's records hold at the least. */
export interface Numbered {
  /** Begins the keys of what is under the name; from `Tx.nextNumber`, so never used before. */
  readonly number: number;
}

/** Where what a name stands for is kept, as it was when looked up. */
export interface Place {
  readonly name: string;
  readonly record: Key;
  readonly number: number;
  readonly created: Revision;
}

/** Under it are the tenants' records, by name. Number 0 is the server's own and no tenant's. */
export const tenantsRoot: Key = key(0, "tenant");

/**
 * Names (tenants, namespaces) to never-reused numbers. Deleting a name is deleting its record: everything under the
 * number is out of reach at once, because every read includes the record and every commit expects it. So a place may be
 * remembered here for as long as it likes: a stale one never reads or writes, it is found out and looked up again.
 */
export class Directory<P extends Place> {
  readonly #root: Key;
  readonly #toPlace: (place: Place) => P;
  readonly #places = new Map<string, P>();

  constructor(root: Key, toPlace: (place: Place) => P) {
    this.#root = root;
    this.#toPlace = toPlace;
  }

  recordOf(name: string): Key {
    return child(this.#root, name);
  }

  remembered(name: string): P | undefined {
    return this.#places.get(name);
  }

  /** The place that the record, just read, stands for. */
  remember(name: string, entry: Entry): P {
    const known = this.#places.get(name);
    if (known !== undefined && isAlive(known, entry)) return known;
    const { number } = entry.value as Numbered;
    const place = this.#toPlace({ name, record: entry.key, number, created: entry.created });
    if (this.#places.size >= placesMax) this.#places.clear();
    this.#places.set(name, place);
    return place;
  }

  /** To be called when the place was found stale, before it is looked up again. */
  forget(place: P): void {
    if (this.#places.get(place.name) === place) this.#places.delete(place.name);
  }
}

/** Whether what was read under the place's record says that the name still stands for the same. */
export const isAlive = (place: Place, entry: Entry | undefined): boolean =>
  entry !== undefined && entry.created === place.created;

/** Expected by every commit under the place: the name still stands for the same. */
export const alive = (place: Place): KeyExpectation => ({
  key: place.record,
  is: { created: place.created },
});

/** What was remembered of a name is no longer so: look it up again, and try again. Never leaves the room. */
export class StalePlace extends Error {
  constructor() {
    super("a remembered place is stale");
    this.name = "StalePlace";
  }
}

/** Makes the commit fail with `StalePlace` unless the place is alive. */
export function expectAlive(tx: Tx, place: Place): void {
  tx.expect(alive(place), toStalePlace);
}

export const toStalePlace = (): StalePlace => new StalePlace();

const placesMax = 10_000;
