import type { KeyPart } from "./key.ts";

/** How a space's values are written down, and what they cost. Values are deeply immutable from the moment they are given. */
export interface Codec<V> {
  encode(value: V): Uint8Array;
  decode(bytes: Uint8Array): V;
  /** The length of what `encode` would answer, in bytes, without the work where that can be. */
  size(value: V): number;
}

/** A kind of record. Declared before a store opens; its records' keys are [number, name, ...parts]. */
export interface Space<V> {
  readonly name: string;
  /** How many leading parts of a key name its root, the unit of statistics. */
  readonly rootParts: number;
  readonly codec: Codec<V>;
  /** False: its changes are in no history, so it has no watch and no range expectation. */
  readonly history: boolean;
  /** True: its records may be evicted when the store is full. */
  readonly evictable: boolean;
  /**
   * For a space whose keys or values hold numbers from `Tx.nextNumber`, the first part apart: the record with each of
   * them replaced. A number is unique within its store only, so a record that moves to another takes new ones.
   */
  renumbered?(record: Movable<V>, replace: (number: number) => number): Movable<V>;
  /**
   * Whether a room could have written the record. Asked of what comes from outside, before anything else of it is read: an export
   * may have been made by hand. Absent: it takes whatever the codec decodes.
   */
  isSound?(record: Movable<unknown>, expireAt: number | "none"): boolean;
  /**
   * How its records go into a tenant that has records of its own. Absent: they cannot, and an import that would is refused.
   * "records": each for itself, under its key. "directory": names of numbers; a name that is there already keeps its number.
   * "left": they are not taken, and do not keep a tenant from being empty.
   */
  readonly merging?: "records" | "directory" | "left";
}

/** A record apart from where it is: the parts of its key after the space's name, and its value. */
export interface Movable<V> {
  readonly parts: readonly KeyPart[];
  readonly value: V;
}
