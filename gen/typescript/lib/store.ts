/**
 * Where values are kept by key. Any object with the three methods will do; `update` is what makes a change of a value safe from other
 * changes, and both `MemoryStore` and `TiffinStore` have it.
 *
 * A value is whatever JSON can say: it comes out as `JSON.parse(JSON.stringify(value))` would, never as the object that went in.
 */
export interface Store<T = unknown> {
  /** The value; `undefined` when there is none or it has expired. `null` is a value. */
  get(key: string): Promise<T | undefined>;
  /** Writes the value in place of any before it, of whose expiry nothing is left either. A TypeError when JSON cannot hold it. */
  set(key: string, value: T, options?: SetOptions): Promise<void>;
  /** Deletes the value; one that is not there is no error. */
  delete(key: string): Promise<void>;
  /**
   * Reads, changes and writes the value, so that no change made meanwhile is lost. Answers what was written; `undefined` when the
   * change wanted nothing written. `change` may be called again, with a newer value, and must not update the same key itself.
   */
  update?(key: string, change: Change<T>): Promise<T | undefined>;
}

/** How long a value is kept. */
export interface SetOptions {
  /** In milliseconds from now, more than zero; absent: for ever. Anything else is a RangeError. */
  readonly ttlMs?: number;
}

/** What becomes of a value, which is `undefined` when there is none. Answering `undefined` leaves everything as it is. */
export type Change<T> = (
  value: T | undefined,
) => Changed<T> | undefined | Promise<Changed<T> | undefined>;

/** A new value. */
export interface Changed<T> {
  readonly value: T;
  /** In milliseconds from now; absent: it expires when the value before it would have, and never if there was none. */
  readonly ttlMs?: number;
}
