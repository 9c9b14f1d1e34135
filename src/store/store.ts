/**
 * The store, as rooms see it: ordered records, atomic commits that expect, read-modify-write, watches.
 * Implemented once (`core/core-store.ts`) above every engine; decorated in `open-store.ts`. Why it is so:
 * docs/adr/0002-one-store-port.md.
 */
import type { TiffinError } from "../errors.ts";
import type { Key, Range } from "./key.ts";

/**
 * A point in the order of commits: max(previous + 1, the store's clock in Unix microseconds). Commits become
 * visible in this order; a revision is never used twice, not even after a restart, and is not dense.
 */
export type Revision = number;

export interface Entry<V = unknown> {
  readonly key: Key;
  readonly value: V;
  /** The commit that last wrote the value; `setExpiry` leaves it alone. */
  readonly version: Revision;
  /** The commit that created the record. */
  readonly created: Revision;
  /** Unix milliseconds: invisible from this instant on. Absent: never. */
  readonly expireAt?: number;
  /** Key and value, encoded. */
  readonly bytes: number;
}

/** A key is named at most once in a commit, range deletions included. */
export type Mutation =
  /** Writes. "keep": the expiry it has, none if it is new. Over an expired record: an expired event, then a create. */
  | {
      readonly op: "put";
      readonly key: Key;
      readonly value: unknown;
      readonly expireAt: number | "none" | "keep";
      /** Over a live record: deletes that first, with an event, and creates. */
      readonly anew?: true;
      /** Brings a record from another store, with what it had there and no event, to where no watch looks. The commit's revision is above both. */
      readonly origin?: Origin;
    }
  /** Changes the expiry alone: no new version, no event. Of an absent record: no effect. */
  | { readonly op: "setExpiry"; readonly key: Key; readonly expireAt: number | "none" }
  /** "deleted" acts on a live record, "expired" on an expired one; else no effect. "evicted" is the engine's own. */
  | {
      readonly op: "delete";
      readonly key: Key;
      readonly reason: "deleted";
      /** What the room that deletes wants told in the event; short. */
      readonly why?: string;
    }
  | { readonly op: "delete"; readonly key: Key; readonly reason: "expired" | "evicted" }
  /** Deletes all that is there, as one event; more live records than `limits.rangeRecords` refuse the commit. */
  | { readonly op: "deleteRange"; readonly range: Range };

/** What a record brought from elsewhere keeps. */
export interface Origin {
  readonly version: Revision;
  readonly created: Revision;
}

/** What must hold when a commit is applied. An expired record is absent, except to "expired". */
export type Expectation = KeyExpectation | RangeExpectation;

export interface KeyExpectation {
  readonly key: Key;
  readonly is:
    | "present"
    | "absent"
    | "expired"
    | { readonly version: Revision; readonly expireAt?: number | "none" } // expireAt given: that must be unchanged too
    | { readonly created: Revision }; // the same record, however often it was written since
}

export interface RangeExpectation {
  readonly range: Range;
  /** No put or delete in the range since; a history that no longer reaches back so far is a conflict. */
  readonly unchangedSince: Revision;
}

export interface Commit {
  /** Unique; by it an unknown outcome is looked up. */
  readonly id: string;
  readonly expect: readonly Expectation[];
  readonly mutations: readonly Mutation[];
  readonly wantPrevious?: boolean;
}

export interface Committed {
  readonly revision: Revision;
  /** If wanted: for each mutation the live entry before it. */
  readonly previous?: readonly (Entry | undefined)[];
  /** How many live records the commit's range deletions deleted. */
  readonly rangeDeleted: number;
}

/** The first expectation that did not hold. Nothing was applied. */
export interface Conflict {
  /** The very object the commit held. */
  readonly expected: Expectation;
  /** The live entry under the expected key; absent for a range or where there is none. */
  readonly actual?: Entry;
}

export type Outcome = Committed | { readonly conflict: Conflict };

/** Who waits, and how long. What is waiting gives up when it fires; what has been applied stands. */
export interface Call {
  readonly signal?: AbortSignal | undefined;
  /** Unix milliseconds on this process's clock: that of the store may be another machine's, and never steps back. */
  readonly deadline?: number | undefined;
}

export interface PageOptions {
  /** At most this many entries. */
  readonly limit: number;
  readonly descending?: boolean;
  /** Continue after this key (before it, descending): the `next` of the page before. */
  readonly after?: Key;
}

export interface Page {
  readonly head: Revision;
  readonly entries: readonly Entry[];
  /** Where to continue. Set even when `entries` is empty: a page is bounded by what it examines, the expired included. */
  readonly next?: Key;
}

/** Reads at one revision, whatever is written meanwhile, expiries judged as of its opening. Throws snapshot_lost once it is too old. */
export interface Snapshot {
  readonly revision: Revision;
  get(keys: readonly Key[]): Promise<(Entry | undefined)[]>;
  page(range: Range, options: PageOptions): Promise<Page>;
  close(): void;
}

/** The keys an update needs for itself. Shared: others may share them, nobody may hold them exclusively. */
export interface Locks {
  readonly exclusive?: readonly Key[];
  readonly shared?: readonly Key[];
}

/** What an attempt sees: the store, as its own writes so far have left it. Everything it reads becomes an expectation. */
export interface Tx {
  /** An entry this attempt wrote has version 0: the revision is not known before the commit. */
  get<V = unknown>(key: Key): Promise<Entry<V> | undefined>;
  page(range: Range, options: PageOptions): Promise<Page>;
  put(key: Key, value: unknown, expireAt: number | "none" | "keep"): void;
  /** As if what is there were deleted first: another record under the same key. */
  putAnew(key: Key, value: unknown, expireAt: number | "none"): void;
  setExpiry(key: Key, expireAt: number | "none"): void;
  /** The event says why, if it is said here. */
  delete(key: Key, why?: string): void;
  deleteRange(range: Range): void;
  /**
   * Expects more than what was read. When it does not hold, the update throws what `otherwise` makes of the
   * conflict, and runs no second attempt: the caller's own condition is broken, not a race lost.
   */
  expect(expectation: Expectation, otherwise: (conflict: Conflict) => Error): void;
  /** What this attempt does depends on when the entry it read expires: that must be unchanged too, or it runs again. */
  expectExpiry(read: Entry): void;
  /** Has the update answer what was there before each put and delete, without a read of its own. */
  wantPrevious(): void;
  /** Whether this attempt has written anything so far. */
  readonly wrote: boolean;
  /** A number that was never answered before, for the keys of what is created. */
  nextNumber(): Promise<number>;
  /** Has the range purged once this commit stands. Only for what the commit makes unreachable. */
  purgeLater(range: Range): void;
  /** The store's clock, in milliseconds. */
  now(): number;
}

export interface Updated<T> {
  readonly result: T;
  /** The commit's revision; of an attempt that wrote nothing, the one at which its reads were validated. */
  readonly revision: Revision;
  readonly rangeDeleted: number;
  /** The live entry before the put or delete of that key, if `wantPrevious` was called and there was one. */
  previous(key: Key): Entry | undefined;
}

export type StoreEvent =
  | { readonly type: "put"; readonly entry: Entry; readonly previous?: Entry }
  | {
      readonly type: "deleted";
      readonly key: Key;
      readonly previous: Entry;
      /** As the deletion said; absent when it did not, and when a put made way for itself. */
      readonly why?: string;
    }
  | { readonly type: "expired" | "evicted"; readonly key: Key; readonly previous: Entry }
  | { readonly type: "rangeDeleted"; readonly range: Range; readonly records: number };

/** One commit's events, whole; a commit that only changed expiries, or spaces without history, has none. */
export interface CommitEvents {
  readonly revision: Revision;
  readonly events: readonly StoreEvent[];
}

/** Commits that touch the watched ranges, with the events that do. Pull only: a slow reader costs no memory, and ends with history_gone. */
export interface Watch extends AsyncIterable<CommitEvents> {
  /** Everything up to here has been answered, or does not concern this watch. A revision to watch from again. */
  readonly position: Revision;
  /** The commits up to that revision, which has been committed; then the watch is over. */
  until(revision: Revision): AsyncIterable<CommitEvents>;
}

export interface Capabilities {
  /** The engine's name, as in the scheme of its URL. */
  readonly engine: string;
  /** Several processes may open it at once. */
  readonly shared: boolean;
  /** What an acknowledged commit survives: nothing, the process's end, or a power failure. */
  readonly durable: "no" | "process" | "power";
  /** Whether old versions are kept for snapshots, or worked out from the history. */
  readonly snapshots: "native" | "repaired";
}

export interface Limits {
  readonly keyBytes: number;
  readonly valueBytes: number;
  readonly commitRecords: number;
  readonly commitBytes: number;
  readonly rangeRecords: number;
  readonly pageBytes: number;
  /** How many records, the expired included, one page examines. */
  readonly pageRecords: number;
  readonly snapshots: number;
  readonly snapshotMs: number;
  /** How many commits may wait for the engine. */
  readonly queue: number;
}

export interface Statistics {
  readonly records: number;
  readonly bytes: number;
}

/** Of the records under one root: the first `rootParts` parts of their keys. */
export interface RootStatistics extends Statistics {
  readonly root: Key;
}

/** Which revisions can be continued from: those of commits after the floor, and the floor itself. */
export interface HistorySpan {
  readonly floor: Revision;
  readonly head: Revision;
}

/** Every read answers the head revision it was taken at. What a method throws is a `TiffinError`. */
export interface Store {
  readonly capabilities: Capabilities;
  readonly limits: Limits;
  /** The store's clock in milliseconds; never steps back. */
  now(): number;
  /** The entries under the keys, in order, from one snapshot. */
  get(
    keys: readonly Key[],
    call?: Call,
  ): Promise<{ head: Revision; entries: (Entry | undefined)[] }>;
  /** One page, bounded by count, by bytes and by records examined. */
  page(range: Range, options: PageOptions, call?: Call): Promise<Page>;
  /**
   * Everything at one revision, to be closed. It lasts for `limits.snapshotMs` unless told otherwise; when too many are
   * open at once, the one whose time ends first is lost.
   */
  snapshot(call?: Call, lastingMs?: number): Promise<Snapshot>;
  /** Applies all or nothing; a conflict is an answer. Never retries. Without mutations it only checks, and answers the head. */
  commit(commit: Omit<Commit, "id">, call?: Call): Promise<Outcome>;
  /**
   * Read-modify-write. Takes the locks (sorted, first come first served, within this process), runs the
   * attempt, commits its mutations expecting everything it read. A conflict runs it again, with a jittered
   * pause, to the deadline or 16 attempts, then throws contention. What the attempt throws is final once its reads
   * are validated. An attempt sees only its Tx: no nesting.
   */
  update<T>(locks: Locks, attempt: (tx: Tx) => T | Promise<T>, call?: Call): Promise<Updated<T>>;
  /** From just after `after`. One the store never issued or no longer remembers throws history_gone, here or from the iterator. */
  watch(ranges: readonly Range[], after: Revision | "now", call?: Call): Promise<Watch>;
  /** Removes up to so many records that nothing can reach any more: no events, no revision. */
  purge(range: Range, records: number): Promise<{ done: boolean }>;
  /** Of one root, or of the whole store; exact, including what is expired and not yet swept. */
  stats(root?: Key): Promise<Statistics>;
  /** Of the roots in the range that have records, in order, the first so many. */
  roots(range: Range, limit: number): Promise<RootStatistics[]>;
  historySpan(): Promise<HistorySpan>;
  /** Looks for damage in all that is stored, in time that grows with it; answers what it found, one sentence each. */
  check(): Promise<string[]>;
  /** Finishes what is queued, ends the watches with shutting_down, then closes the engine. */
  close(): Promise<void>;
}

export const isConflict = (outcome: Outcome): outcome is { readonly conflict: Conflict } =>
  "conflict" in outcome;

/** What an engine answers for one commit of a batch: as the store, or why it will not have it (store_full, limit_exceeded). */
export type EngineOutcome = Outcome | { readonly refused: TiffinError };
