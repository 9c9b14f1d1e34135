import type { Clock } from "../../clock.ts";
import type { Engine } from "../engine.ts";
import { type Key, key, type Range } from "../key.ts";
import type { Space } from "../space.ts";
import type {
  Call,
  Capabilities,
  Commit,
  Entry,
  HistorySpan,
  Limits,
  Locks,
  Mutation,
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
import { CommitLane } from "./commit-lane.ts";
import { CommitLimits } from "./commit-limits.ts";
import { NumberSource } from "./number-source.ts";
import { Purger, purgeSpace } from "./purger.ts";
import { type HistoryKept, Sweeper } from "./sweeper.ts";
import { type UpdateSupport, update } from "./update.ts";
import { type Report, WatchFeed } from "./watch-feed.ts";

export interface CoreOptions {
  readonly engine: Engine;
  /** All spaces the engine was opened with. */
  readonly spaces: readonly Space<unknown>[];
  readonly clock: Clock;
  /** In [0, 1); spreads retries, and what several processes do in the background. */
  readonly random: () => number;
  /** Unique among all processes that ever open this store. */
  readonly instance: string;
  readonly history: HistoryKept;
  /** Told of failures in the background, which no caller sees. */
  readonly report: Report;
}

/** The store over any engine. Locks are not its business: `decorators/locking-store.ts` adds them. */
export class CoreStore implements Store, UpdateSupport {
  readonly #engine: Engine;
  readonly #options: CoreOptions;
  readonly #lane: CommitLane;
  readonly #commitLimits: CommitLimits;
  readonly #feed: WatchFeed;
  readonly #sweeper: Sweeper;
  readonly #purger: Purger;
  readonly #numbers: NumberSource;
  readonly #newId: () => string;
  #polling: (() => void) | undefined;

  constructor(options: CoreOptions) {
    const { engine, clock, report } = options;
    this.#engine = engine;
    this.#options = options;
    let commits = 0;
    this.#newId = () => `${options.instance}-${commits++}`;
    this.#lane = new CommitLane(engine, clock);
    this.#commitLimits = new CommitLimits(engine.limits, options.spaces);
    this.#feed = new WatchFeed({ engine, clock, report });
    const background = { engine, clock, report, lane: this.#lane, newId: this.#newId };
    const { history: keep, random } = options;
    this.#sweeper = new Sweeper({ ...background, keep, random });
    this.#purger = new Purger(background);
    this.#numbers = new NumberSource(this);
  }

  get capabilities(): Capabilities {
    return this.#engine.capabilities;
  }

  get limits(): Limits {
    return this.#engine.limits;
  }

  /** Begins what runs in the background: sweeping, purging what an earlier process left, polling for watches. */
  start(): void {
    this.#sweeper.start();
    this.#purger.wake();
    this.#poll();
  }

  now(): number {
    return this.#engine.now();
  }

  nextNumber(): Promise<number> {
    return this.#numbers.next();
  }

  get(keys: readonly Key[]): Promise<{ head: Revision; entries: (Entry | undefined)[] }> {
    return this.#engine.get(keys);
  }

  page(range: Range, options: PageOptions): Promise<Page> {
    return this.#engine.page(range, options);
  }

  snapshot(_call?: Call, lastingMs?: number): Promise<Snapshot> {
    return this.#engine.snapshot(lastingMs);
  }

  commit({ expect, mutations, wantPrevious }: Omit<Commit, "id">, call?: Call): Promise<Outcome> {
    try {
      this.#commitLimits.check({ expect, mutations });
      const commit = { id: this.#newId(), expect, mutations, wantPrevious: wantPrevious ?? false };
      const outcome = this.#lane.submit(commit, call);
      return mutations.some(isPurgeJob) ? this.#purgeAfter(outcome) : outcome;
    } catch (error) {
      return Promise.reject(error);
    }
  }

  update<T>(_locks: Locks, attempt: (tx: Tx) => T | Promise<T>, call?: Call): Promise<Updated<T>> {
    return update(this, attempt, { retrying: this.#options, call });
  }

  watch(ranges: readonly Range[], after: Revision | "now", call?: Call): Promise<Watch> {
    return this.#feed.open(ranges, after, call);
  }

  purge(range: Range, records: number): Promise<{ done: boolean }> {
    return this.#engine.purge(range, records);
  }

  stats(root?: Key): Promise<Statistics> {
    return this.#engine.stats(root);
  }

  roots(range: Range, limit: number): Promise<RootStatistics[]> {
    return this.#engine.roots(range, limit);
  }

  historySpan(): Promise<HistorySpan> {
    return this.#engine.historySpan();
  }

  check(): Promise<string[]> {
    return this.#engine.check();
  }

  async close(): Promise<void> {
    this.#polling?.();
    await this.#sweeper.close();
    await this.#purger.close();
    await this.#lane.close();
    this.#feed.close();
    await this.#engine.close();
  }

  async #purgeAfter(committing: Promise<Outcome>): Promise<Outcome> {
    const outcome = await committing;
    this.#purger.wake();
    return outcome;
  }

  #poll(): void {
    if (!this.#engine.capabilities.shared) return; // the engine's wake-ups cannot get lost within one process
    this.#polling = this.#options.clock.after(pollMs, () => {
      this.#feed.wake();
      this.#poll();
    });
  }
}

const purgePrefix = key(0, purgeSpace.name);
const isPurgeJob = (mutation: Mutation): boolean =>
  mutation.op === "put" && mutation.key.startsWith(purgePrefix);
const pollMs = 100;
