import type { Clock } from "../../clock.ts";
import type { Key, Range } from "../key.ts";
import type {
  Call,
  Capabilities,
  Commit,
  Entry,
  HistorySpan,
  Limits,
  Locks,
  Outcome,
  Page,
  PageOptions,
  Revision,
  RootStatistics,
  Snapshot,
  Statistics,
  Store,
  Tx,
  Updated,
  Watch,
} from "../store.ts";
import { type Claim, KeyedLocks } from "./keyed-locks.ts";

/**
 * Holds the keys an update names around the whole of it, so that within this process attempts equal callers:
 * fair, and without retries. Everything else passes through. Correctness does not rest on it: between
 * processes the store's expectations keep updates safe.
 *
 * The outermost decorator: what is inside must not wait for a lock while the update holds others.
 */
export class LockingStore implements Store {
  readonly #inner: Store;
  readonly #locks: KeyedLocks;

  constructor(inner: Store, clock: Clock) {
    this.#inner = inner;
    this.#locks = new KeyedLocks(clock);
  }

  update<T>(locks: Locks, attempt: (tx: Tx) => T | Promise<T>, call?: Call): Promise<Updated<T>> {
    const claims = claimsOf(locks);
    const run = (): Promise<Updated<T>> => this.#inner.update(locks, attempt, call);
    return claims.length === 0 ? run() : this.#holding(claims, run, call);
  }

  async #holding<T>(claims: readonly Claim[], run: () => Promise<T>, call?: Call): Promise<T> {
    let held = 0;
    try {
      for (const claim of claims) {
        const waiting = this.#locks.acquire(claim, call);
        if (waiting !== undefined) await waiting;
        held++;
      }
      return await run();
    } finally {
      for (const claim of claims.slice(0, held)) this.#locks.release(claim.key);
    }
  }

  get capabilities(): Capabilities {
    return this.#inner.capabilities;
  }

  get limits(): Limits {
    return this.#inner.limits;
  }

  now(): number {
    return this.#inner.now();
  }

  get(
    keys: readonly Key[],
    call?: Call,
  ): Promise<{ head: Revision; entries: (Entry | undefined)[] }> {
    return this.#inner.get(keys, call);
  }

  page(range: Range, options: PageOptions, call?: Call): Promise<Page> {
    return this.#inner.page(range, options, call);
  }

  snapshot(call?: Call, lastingMs?: number): Promise<Snapshot> {
    return this.#inner.snapshot(call, lastingMs);
  }

  commit(commit: Omit<Commit, "id">, call?: Call): Promise<Outcome> {
    return this.#inner.commit(commit, call);
  }

  watch(ranges: readonly Range[], after: Revision | "now", call?: Call): Promise<Watch> {
    return this.#inner.watch(ranges, after, call);
  }

  purge(range: Range, records: number): Promise<{ done: boolean }> {
    return this.#inner.purge(range, records);
  }

  stats(root?: Key): Promise<Statistics> {
    return this.#inner.stats(root);
  }

  roots(range: Range, limit: number): Promise<RootStatistics[]> {
    return this.#inner.roots(range, limit);
  }

  historySpan(): Promise<HistorySpan> {
    return this.#inner.historySpan();
  }

  check(): Promise<string[]> {
    return this.#inner.check();
  }

  close(): Promise<void> {
    return this.#inner.close();
  }
}

/** In key order, each key once: so two updates never wait for each other in a circle. */
function claimsOf({ exclusive = [], shared = [] }: Locks): Claim[] {
  if (shared.length === 0 && exclusive.length <= 1) {
    return exclusive.map((key) => ({ key, exclusive: true })); // what nearly every update names
  }
  const strongest = new Map<Key, boolean>();
  for (const key of shared) strongest.set(key, false);
  for (const key of exclusive) strongest.set(key, true);
  return [...strongest]
    .map(([key, isExclusive]) => ({ key, exclusive: isExclusive }))
    .sort((a, b) => (a.key < b.key ? -1 : 1));
}
