import type { Clock } from "../../clock.ts";
import { TiffinError } from "../../errors.ts";
import type { Engine } from "../engine.ts";
import type { Key, Range } from "../key.ts";
import { defaultLimits } from "../limits.ts";
import type { Space } from "../space.ts";
import type {
  Capabilities,
  Commit,
  CommitEvents,
  EngineOutcome,
  Entry,
  HistorySpan,
  Limits,
  Page,
  PageOptions,
  Revision,
  RootStatistics,
  Snapshot,
  Statistics,
} from "../store.ts";
import { Ceiling } from "./ceiling.ts";
import { firstConflict } from "./check-expectations.ts";
import { CommitWriter } from "./commit-writer.ts";
import { EvictionPool } from "./eviction-pool.ts";
import { HistoryRing } from "./history-ring.ts";
import { MemorySnapshot } from "./memory-snapshot.ts";
import { OutcomeTable } from "./outcome-table.ts";
import { planCommit } from "./plan-commit.ts";
import { readPage } from "./read-page.ts";
import { Records } from "./records.ts";
import { Snapshots } from "./snapshots.ts";
import type { StoredRecord } from "./stored-record.ts";
import { VersionChains } from "./version-chains.ts";

export interface MemoryEngineOptions {
  /** Every space whose keys it will be given. */
  readonly spaces: readonly Space<unknown>[];
  readonly clock: Clock;
  /** What records, history and the images of snapshots may cost in all, by `costs.ts`. */
  readonly bytesMax: number;
  /** What happens to a commit that does not fit: it is refused, or evictable records make room. */
  readonly whenFull: "refuse" | "evict";
  /** What the history may cost at most; it gives way to records before that when the store is full. */
  readonly historyBytes: number;
  /** In place of the defaults. */
  readonly limits?: Partial<Limits>;
}

export const openMemoryEngine = (options: MemoryEngineOptions): Engine => new MemoryEngine(options);

/** Everything in this process's memory. `apply` does its work before it returns its promise, so reads never wait. */
class MemoryEngine implements Engine {
  readonly capabilities: Capabilities = {
    engine: "memory",
    shared: false,
    durable: "no",
    snapshots: "native",
  };
  readonly limits: Limits;
  readonly #clock: Clock;
  readonly #ceiling: Ceiling;
  readonly #pool: EvictionPool | undefined;
  readonly #snapshots = new Snapshots(() => this.#chains.beginRelease());
  readonly #chains = new VersionChains(this.#snapshots);
  readonly #records: Records;
  readonly #history: HistoryRing;
  readonly #outcomes = new OutcomeTable();
  readonly #wakes = new Set<() => void>();
  #latest = 0;

  constructor({ spaces, clock, limits, bytesMax, historyBytes, whenFull }: MemoryEngineOptions) {
    this.limits = { ...defaultLimits, ...limits };
    this.#clock = clock;
    this.#ceiling = new Ceiling(bytesMax, historyBytes);
    this.#pool = whenFull === "evict" ? new EvictionPool() : undefined;
    this.#records = new Records({ spaces, chains: this.#chains, pool: this.#pool });
    this.#history = new HistoryRing(revisionAt(this.now()));
  }

  now(): number {
    this.#latest = Math.max(this.#latest, this.#clock.now());
    return this.#latest;
  }

  head(): Promise<Revision> {
    return Promise.resolve(this.#history.head);
  }

  get(keys: readonly Key[]): Promise<{ head: Revision; entries: (Entry | undefined)[] }> {
    const now = this.now();
    const entries = keys.map((key) => this.#read(key, now));
    return Promise.resolve({ head: this.#history.head, entries });
  }

  page(range: Range, options: PageOptions): Promise<Page> {
    const now = this.now();
    const records = this.#records;
    const live = (_: Key, record: StoredRecord): Entry | undefined =>
      records.isLive(record, now) ? records.entry(record) : undefined;
    const bounds = { ...this.limits, limit: options.limit };
    const part = { ...range, ...options };
    const page = readPage((each) => records.visit(part, each), live, bounds);
    return Promise.resolve({ head: this.#history.head, ...page });
  }

  async snapshot(lastingMs = this.limits.snapshotMs): Promise<Snapshot> {
    this.#letGo();
    if (this.#snapshots.size >= this.limits.snapshots) this.#snapshots.loseFirst();
    const now = this.now();
    const opened = this.#snapshots.open(this.#history.head, { at: now, until: now + lastingMs });
    return new MemorySnapshot(
      {
        records: this.#records,
        chains: this.#chains,
        snapshots: this.#snapshots,
        limits: this.limits,
        now: () => this.now(),
      },
      opened,
    );
  }

  async apply(batch: readonly Commit[]): Promise<EngineOutcome[]> {
    const before = this.#history.head;
    const outcomes = batch.map((commit) => this.#apply(commit));
    if (this.#history.head !== before) for (const wake of this.#wakes) wake();
    return outcomes;
  }

  async outcome(id: string): Promise<EngineOutcome | "unknown"> {
    return this.#outcomes.find(id) ?? "unknown";
  }

  async history(after: Revision, bytes: number): Promise<CommitEvents[]> {
    return this.#history.after(after, bytes);
  }

  /** Wakes before `apply` answers, within it. */
  onHead(wake: () => void): () => void {
    this.#wakes.add(wake);
    return () => this.#wakes.delete(wake);
  }

  async due(limit: number): Promise<Entry[]> {
    const expired = this.#records.expired(this.now(), limit);
    return expired.map((record) => this.#records.entry(record));
  }

  async trim({ bytes, ms }: { bytes: number; ms: number }): Promise<void> {
    this.#history.trimToBytes(bytes);
    this.#history.trimToRevision(revisionAt(this.now() - ms));
    this.#letGo();
    this.#chains.release(chainsPerTrim);
  }

  async purge(range: Range, records: number): Promise<{ done: boolean }> {
    const found: StoredRecord[] = [];
    this.#records.visit(range, (_, record) => found.push(record) < records);
    for (const record of found) this.#records.remove(record);
    this.#letGo();
    return { done: found.length < records };
  }

  async stats(root?: Key): Promise<Statistics> {
    return this.#records.statistics(root);
  }

  async roots(range: Range, limit: number): Promise<RootStatistics[]> {
    return this.#records.rootsIn(range, limit);
  }

  async historySpan(): Promise<HistorySpan> {
    return { floor: this.#history.floor, head: this.#history.head };
  }

  async check(): Promise<string[]> {
    return this.#records.check();
  }

  async close(): Promise<void> {
    this.#wakes.clear();
  }

  #read(key: Key, now: number): Entry | undefined {
    const record = this.#records.findLive(key, now);
    if (record === undefined) return undefined;
    this.#records.use(record);
    return this.#records.entry(record);
  }

  #apply(commit: Commit): EngineOutcome {
    const now = this.now();
    const records = this.#records;
    const history = this.#history;
    const conflict = firstConflict(commit.expect, { records, history, now });
    if (conflict !== undefined) return { conflict };
    if (commit.mutations.length === 0) return { revision: history.head, rangeDeleted: 0 };
    const { limits } = this;
    const plan = planCommit(
      commit,
      { records, pool: this.#pool, ceiling: this.#ceiling, limits },
      now,
    );
    if (plan instanceof TiffinError) return { refused: plan };
    const revision = Math.max(history.head + 1, revisionAt(now), versionsAbove(commit));
    const committed = new CommitWriter(records, commit, { revision, now }).write(plan, history);
    this.#outcomes.add(commit.id, committed);
    this.#keepBelowCeiling();
    return committed;
  }

  #keepBelowCeiling(): void {
    this.#history.trimToBytes(this.#ceiling.historyRoom(this.#records.cost));
    this.#letGo();
    if (!this.#isOver()) return;
    this.#chains.release(Number.POSITIVE_INFINITY); // first what only ended snapshots have seen
    while (this.#isOver() && this.#snapshots.size > 0) {
      this.#snapshots.loseFirst();
      this.#chains.release(Number.POSITIVE_INFINITY);
    }
  }

  #isOver(): boolean {
    const used = this.#records.cost + this.#history.bytes + this.#chains.bytes;
    return used > this.#ceiling.bytesMax;
  }

  /** Ends snapshots that are too old, and lets go a slice of what ended ones have seen. */
  #letGo(): void {
    this.#snapshots.loseEndedBefore(this.now());
    this.#chains.release(chainsPerWrite);
  }
}

/** Above every version that the commit brings from elsewhere. */
function versionsAbove({ mutations }: Commit): Revision {
  let above = 0;
  for (const mutation of mutations) {
    if (mutation.op !== "put" || mutation.origin === undefined) continue;
    above = Math.max(above, mutation.origin.version + 1);
  }
  return above;
}

/** Unix microseconds. */
const revisionAt = (ms: number): Revision => Math.floor(ms * 1000);

/** How many chains a write looks through for images that no snapshot sees any more, and a trim. */
const chainsPerWrite = 16;
const chainsPerTrim = 10_000;
