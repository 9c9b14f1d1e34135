import { TiffinError } from "../../errors.ts";
import { contains, type Key, key, type Range } from "../key.ts";
import type {
  Conflict,
  Entry,
  Expectation,
  Mutation,
  Page,
  PageOptions,
  Revision,
  Store,
  Tx,
} from "../store.ts";
import { purgeSpace } from "./purger.ts";
import { coveredBy, overlay } from "./read-your-writes.ts";

type RecordMutation = Exclude<Mutation, { op: "deleteRange" }>;

/** The part of the store that an attempt reads. */
export interface Readable extends Pick<Store, "get" | "page" | "now"> {
  nextNumber(): Promise<number>;
}

/** One attempt: collects what it reads as expectations and what it writes as mutations. */
export class Transaction implements Tx {
  readonly #store: Readable;
  /** What was read, as it was: a second read of a key answers the same. */
  #read: Map<Key, Entry | undefined> | undefined;
  readonly #readExpectations: Expectation[] = [];
  #reads = 0;
  /** How many entries were found in pages that may expire. */
  #expiring = 0;
  readonly #written = new Map<Key, RecordMutation>();
  readonly #deletedRanges: Range[] = [];
  /** The caller's own conditions, and beside each what to throw when it is broken. */
  readonly #demands: Expectation[] = [];
  readonly #demandErrors: ((conflict: Conflict) => Error)[] = [];
  #wantsPrevious = false;
  /** The head of the latest read; undefined when nothing was read. */
  head: Revision | undefined;

  constructor(store: Readable) {
    this.#store = store;
  }

  get wrote(): boolean {
    return this.#written.size > 0 || this.#deletedRanges.length > 0;
  }

  now(): number {
    return this.#store.now();
  }

  nextNumber(): Promise<number> {
    return this.#store.nextNumber();
  }

  async get<V>(wanted: Key): Promise<Entry<V> | undefined> {
    const mutation = this.#written.get(wanted);
    if (mutation?.op === "delete" || this.#isRangeDeleted(wanted)) return undefined;
    const stored = await this.#stored(wanted);
    return (mutation === undefined ? stored : overlay(stored, mutation)) as Entry<V> | undefined;
  }

  async page(range: Range, options: PageOptions): Promise<Page> {
    const page = await this.#store.page(range, options);
    const covered = coveredBy(range, options, page);
    this.#readExpectations.push({ range: covered, unchangedSince: page.head });
    this.#expectUnexpired(page.entries);
    this.#reads++;
    this.head = page.head;
    if (!this.wrote) return page;
    const entries = page.entries.filter(
      (entry) => !this.#written.has(entry.key) && !this.#isRangeDeleted(entry.key),
    );
    for (const [changed] of this.#written) {
      const entry = contains(covered, changed) ? await this.get(changed) : undefined;
      if (entry !== undefined) entries.push(entry);
    }
    const direction = options.descending ? -1 : 1;
    entries.sort((a, b) => (a.key < b.key ? -direction : direction));
    return { ...page, entries };
  }

  put(target: Key, value: unknown, expireAt: number | "none" | "keep"): void {
    this.#assertNotRangeDeleted(target);
    const before = this.#written.get(target);
    // A second write takes the place of the first, so the expiry to keep is the one the first gave.
    const kept = before !== undefined && before.op !== "delete" ? before.expireAt : "keep";
    const expiry = expireAt === "keep" ? (before?.op === "delete" ? "none" : kept) : expireAt;
    const isAnew = before?.op === "delete" || (before?.op === "put" && before.anew === true);
    const put = { op: "put", key: target, value, expireAt: expiry } as const;
    this.#written.set(target, isAnew ? { ...put, anew: true } : put);
  }

  putAnew(target: Key, value: unknown, expireAt: number | "none"): void {
    this.#assertNotRangeDeleted(target);
    this.#written.set(target, { op: "put", key: target, value, expireAt, anew: true });
  }

  setExpiry(target: Key, expireAt: number | "none"): void {
    const before = this.#written.get(target);
    if (before?.op === "delete") return;
    this.#written.set(
      target,
      before?.op === "put" ? { ...before, expireAt } : { op: "setExpiry", key: target, expireAt },
    );
  }

  delete(target: Key, why?: string): void {
    this.#assertNotRangeDeleted(target);
    const deletion = { op: "delete", key: target, reason: "deleted" } as const;
    this.#written.set(target, why === undefined ? deletion : { ...deletion, why });
  }

  deleteRange(range: Range): void {
    for (const written of this.#written.keys()) {
      if (contains(range, written))
        throw new TiffinError("internal", "a key is written and range-deleted in one commit");
    }
    this.#deletedRanges.push(range);
  }

  expect(expectation: Expectation, otherwise: (conflict: Conflict) => Error): void {
    this.#demands.push(expectation);
    this.#demandErrors.push(otherwise);
  }

  expectExpiry(read: Entry): void {
    this.#readExpectations.push({
      key: read.key,
      is: { version: read.version, expireAt: read.expireAt ?? "none" },
    });
  }

  wantPrevious(): void {
    this.#wantsPrevious = true;
  }

  purgeLater(range: Range): void {
    this.put(key(0, purgeSpace.name, range.start), range, "none");
  }

  /** What to commit. The caller's own conditions come first: a broken one is the better answer. */
  toCommit(): { expect: Expectation[]; mutations: Mutation[]; wantPrevious: boolean } {
    const mutations: Mutation[] = [...this.#written.values()];
    for (const range of this.#deletedRanges) mutations.push({ op: "deleteRange", range });
    return {
      expect:
        this.#readExpectations.length === 0
          ? this.#demands
          : [...this.#demands, ...this.#readExpectations],
      mutations,
      wantPrevious: this.#wantsPrevious,
    };
  }

  /**
   * What to check when the attempt has failed: that it failed over a state which was there, and where its own
   * conditions held: over what a deleted name has left behind, an attempt fails for no reason of its caller's.
   */
  toValidation(): { expect: Expectation[]; mutations: [] } {
    return { expect: [...this.#demands, ...this.#readExpectations], mutations: [] };
  }

  /** Where the key's mutation stands in the commit. */
  positionOf(target: Key): number {
    let position = 0;
    for (const written of this.#written.keys()) {
      if (written === target) return position;
      position++;
    }
    return -1;
  }

  /** Whether one read alone was made and nothing else: true as of its own moment, there is nothing to validate. */
  get isSingleRead(): boolean {
    return !this.wrote && this.#demands.length === 0 && this.#reads <= 1;
  }

  /** The caller's answer to a conflict over one of its own conditions; undefined when a race was lost. */
  demandBroken(conflict: Conflict): Error | undefined {
    return this.#demandErrors[this.#demands.indexOf(conflict.expected)]?.(conflict);
  }

  async #stored(wanted: Key): Promise<Entry | undefined> {
    this.#read ??= new Map();
    if (this.#read.has(wanted)) return this.#read.get(wanted);
    const { head, entries } = await this.#store.get([wanted]);
    const entry = entries[0];
    this.#reads++;
    this.head = head;
    this.#read.set(wanted, entry);
    this.#readExpectations.push({
      key: wanted,
      is: entry === undefined ? "absent" : { version: entry.version },
    });
    return entry;
  }

  /**
   * That something expires is no change of a range until it is swept, so it is expected by itself. Of very many, those
   * alone that may expire before the commit: the others would have to be given a sooner expiry first.
   */
  #expectUnexpired(entries: readonly Entry[]): void {
    const soon = this.now() + soonMs;
    for (const { key: found, version, expireAt } of entries) {
      if (expireAt === undefined) continue;
      if (this.#expiring++ >= expiringMax && expireAt > soon) continue;
      this.#readExpectations.push({ key: found, is: { version } });
    }
  }

  #isRangeDeleted(wanted: Key): boolean {
    return this.#deletedRanges.some((range) => contains(range, wanted));
  }

  #assertNotRangeDeleted(target: Key): void {
    if (this.#isRangeDeleted(target)) {
      throw new TiffinError("internal", "a key is range-deleted and written in one commit");
    }
  }
}

/** Each costs an engine a look at the record: 100,000 of them kept SQLite's writer for seconds. */
const expiringMax = 1000;
/** Longer than an attempt takes. */
const soonMs = 60_000;
