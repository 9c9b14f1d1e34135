/**
 * The engine: what an author of one writes. It applies batches of commits in order, and reads. No queue, no
 * retry, no fan-out, no timer: the store above it (`core/`) has those, once for all engines.
 * Every engine passes `test/contracts/engine-contract.ts`.
 */

import type { Key, Range } from "./key.ts";
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
} from "./store.ts";

export interface Engine {
  readonly capabilities: Capabilities;
  readonly limits: Limits;
  /** The store's clock in milliseconds, the server's if engines share one; never steps back. */
  now(): number;
  /** The latest revision that reads can see. */
  head(): Promise<Revision>;
  get(keys: readonly Key[]): Promise<{ head: Revision; entries: (Entry | undefined)[] }>;
  page(range: Range, options: PageOptions): Promise<Page>;
  /** Lasting for so many milliseconds, `limits.snapshotMs` without; over their number the one whose time ends first is lost. */
  snapshot(lastingMs?: number): Promise<Snapshot>;
  /**
   * Applies the commits in order, each all or nothing, each seeing those before it; one call is in flight
   * at a time. Durable, as far as `capabilities` says, when it answers. A commit without mutations checks and takes no revision.
   * Throws only when it does not know what happened; `outcome` is then asked.
   */
  apply(batch: readonly Commit[]): Promise<EngineOutcome[]>;
  /** Whether the commit of that id landed. Ids are remembered in a bounded table, spaces without history included. */
  outcome(id: string): Promise<EngineOutcome | "unknown">;
  /**
   * Whole commits after `after`, oldest first, about `bytes` of them but at least one; none when `after` is the
   * head. `after` must be a revision in the history, or its floor, else history_gone naming the oldest kept.
   */
  history(after: Revision, bytes: number): Promise<CommitEvents[]>;
  /** Calls `wake` when the head may have moved. A hint: it may be lost, late or repeated. Answers how to stop it. */
  onHead(wake: () => void): () => void;
  /** Expired records still stored, oldest first. */
  due(limit: number): Promise<Entry[]>;
  /** Forgets history beyond so many bytes and older than so many milliseconds. */
  trim(keep: { bytes: number; ms: number }): Promise<void>;
  purge(range: Range, records: number): Promise<{ done: boolean }>;
  /** Of one root, or of all without. */
  stats(root?: Key): Promise<Statistics>;
  /** Of the roots in the range that have records, in order, the first so many. */
  roots(range: Range, limit: number): Promise<RootStatistics[]>;
  historySpan(): Promise<HistorySpan>;
  /** Holds everything stored against everything kept about it; answers what is wrong, one sentence each. */
  check(): Promise<string[]>;
  close(): Promise<void>;
}
