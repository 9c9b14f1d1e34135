import type { Clock } from "../../clock.ts";
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
import { decodeOutcome, encodeBatch } from "./batch-codec.ts";
import { type ClaimedFile, claimFile } from "./database-file.ts";
import type { Failpoint } from "./failpoint.ts";
import { readHistory } from "./history-reader.ts";
import { checkIntegrity } from "./integrity-client.ts";
import { joinedMax } from "./joined-find.ts";
import { Outcomes } from "./outcomes.ts";
import { Reader } from "./reader.ts";
import { RecordDecoder } from "./record-decoder.ts";
import { Snapshots } from "./snapshots.ts";
import { toStoreError } from "./sqlite-errors.ts";
import { SqliteSnapshot } from "./sqlite-snapshot.ts";
import { revisionAt } from "./store-position.ts";
import { fromBlob, type Opened, type SpaceRule, toBlob } from "./wire.ts";
import { WriterClient } from "./writer-client.ts";

export interface SqliteEngineOptions {
  /** Of the file, which is created if there is none. */
  readonly path: string;
  /** Every space whose keys it will be given. */
  readonly spaces: readonly Space<unknown>[];
  readonly clock: Clock;
  /** In place of the defaults. */
  readonly limits?: Partial<Limits>;
  /** After how many pages in the log they are moved into the database. */
  readonly checkpointPages?: number;
  /** For tests of crashes. */
  readonly failpoint?: Failpoint | undefined;
}

/** Refuses, with a StartRefusal, what it cannot open. */
export async function openSqliteEngine(options: SqliteEngineOptions): Promise<Engine> {
  const file = claimFile(options.path);
  const parts = new EngineParts(file, options);
  try {
    return new SqliteEngine(parts, await parts.writer.open());
  } catch (error) {
    await parts.writer.close();
    file.release();
    throw error;
  }
}

/** What the engine is made of before it is open. */
class EngineParts {
  readonly file: ClaimedFile;
  readonly limits: Limits;
  readonly rules: readonly SpaceRule[];
  readonly decoder: RecordDecoder;
  readonly writer: WriterClient;
  readonly clock: Clock;

  constructor(file: ClaimedFile, options: SqliteEngineOptions) {
    const { spaces, clock, failpoint, checkpointPages = checkpointPagesDefault } = options;
    this.file = file;
    this.clock = clock;
    this.limits = { ...defaultLimits, ...options.limits };
    this.rules = spaces.map(({ name, rootParts, history }) => ({ name, rootParts, history }));
    this.decoder = new RecordDecoder(spaces);
    const { rangeRecords } = this.limits;
    this.writer = new WriterClient(
      { path: file.path, spaces: this.rules, rangeRecords, checkpointPages, failpoint },
      () => clock.now(),
    );
  }

  connect(cacheKibibytes: number): Reader {
    const { file, decoder, limits } = this;
    try {
      return new Reader({ path: file.path, decoder, limits, cacheKibibytes });
    } catch (error) {
      throw toStoreError(error, file.path);
    }
  }
}

/** A file of SQLite: a thread writes it, and this one reads it, at once and without waiting. */
class SqliteEngine implements Engine {
  readonly capabilities: Capabilities = {
    engine: "sqlite",
    shared: false,
    durable: "power",
    snapshots: "native",
  };
  readonly limits: Limits;
  readonly #parts: EngineParts;
  readonly #reader: Reader;
  readonly #snapshots: Snapshots;
  readonly #outcomes = new Outcomes();
  readonly #wakes = new Set<() => void>();
  #head: Revision;
  #latest: number;
  #closing: Promise<void> | undefined;

  constructor(parts: EngineParts, { head, time }: Opened) {
    this.limits = parts.limits;
    this.#parts = parts;
    this.#head = head;
    this.#latest = time;
    this.#reader = parts.connect(readCacheKibibytes);
    this.#snapshots = new Snapshots({
      connect: () => parts.connect(snapshotCacheKibibytes),
      now: () => this.now(),
      max: this.limits.snapshots,
    });
  }

  now(): number {
    this.#latest = Math.max(this.#latest, this.#parts.clock.now());
    return this.#latest;
  }

  async head(): Promise<Revision> {
    return this.#reader.within(() => this.#reader.position().head);
  }

  async get(keys: readonly Key[]): Promise<{ head: Revision; entries: (Entry | undefined)[] }> {
    const now = this.now();
    const reader = this.#reader;
    if (keys.length <= joinedMax) return reader.findWithHead(keys, now);
    return reader.within(() => {
      const { head } = reader.position();
      return { head, entries: keys.map((key) => reader.find(key, now)) };
    });
  }

  async page(range: Range, options: PageOptions): Promise<Page> {
    const now = this.now();
    const reader = this.#reader;
    return reader.within(() => {
      const { head } = reader.position();
      return { head, ...reader.page(range, options, now) };
    });
  }

  async snapshot(lastingMs = this.limits.snapshotMs): Promise<Snapshot> {
    return new SqliteSnapshot(this.#snapshots, this.#snapshots.open(lastingMs));
  }

  async apply(commits: readonly Commit[]): Promise<EngineOutcome[]> {
    const { decoder, writer } = this.#parts;
    const { batch, values } = encodeBatch(commits, decoder, this.now());
    const applying = writer.ask("apply", batch, [values]);
    const { outcomes, head } = await applying.catch((error: unknown) => {
      this.#wakeAll(); // it may have happened
      throw error;
    });
    this.#snapshots.endOld();
    if (head !== this.#head) this.#wakeAll();
    this.#head = head;
    return outcomes.map((outcome, index) =>
      decodeOutcome(outcome, commits[index] as Commit, decoder),
    );
  }

  async outcome(id: string): Promise<EngineOutcome | "unknown"> {
    const reader = this.#reader;
    return reader.within(() => this.#outcomes.find(reader, id) ?? "unknown");
  }

  async history(after: Revision, bytes: number): Promise<CommitEvents[]> {
    const reader = this.#reader;
    return reader.within(() => readHistory(reader, after, bytes));
  }

  onHead(wake: () => void): () => void {
    this.#wakes.add(wake);
    return () => this.#wakes.delete(wake);
  }

  async due(limit: number): Promise<Entry[]> {
    const now = this.now();
    return this.#reader.within(() => this.#reader.due(now, limit));
  }

  async trim({ bytes, ms }: { bytes: number; ms: number }): Promise<void> {
    this.#snapshots.endOld();
    const oldest = revisionAt(this.now() - ms);
    for (let done = false; !done; ) {
      ({ done } = await this.#parts.writer.ask("trim", { bytes, oldest }));
    }
  }

  purge(range: Range, records: number): Promise<{ done: boolean }> {
    return this.#parts.writer.ask("purge", { range, records });
  }

  async stats(root?: Key): Promise<Statistics> {
    const reader = this.#reader;
    return reader.within(() => {
      if (root === undefined) {
        const { records, bytes } = reader.position();
        return { records, bytes };
      }
      const found = reader.statements.root.get(toBlob(root)) as unknown as Statistics | undefined;
      return found === undefined ? nothing : { records: found.records, bytes: found.bytes };
    });
  }

  async roots({ start, end }: Range, limit: number): Promise<RootStatistics[]> {
    const { statements } = this.#reader;
    const rows = this.#reader.within(() => statements.roots.all(toBlob(start), toBlob(end), limit));
    return rows.map((row) => {
      const { root, records, bytes } = row as unknown as Statistics & { root: Uint8Array };
      return { root: fromBlob(root), records, bytes };
    });
  }

  async historySpan(): Promise<HistorySpan> {
    const { floor, head } = this.#reader.within(() => this.#reader.position());
    return { floor, head };
  }

  check(): Promise<string[]> {
    const { file, rules } = this.#parts;
    return checkIntegrity({ path: file.path, spaces: rules });
  }

  /** The readers first: the last to close the file moves the log into it. */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  #wakeAll(): void {
    for (const wake of this.#wakes) wake();
  }

  async #close(): Promise<void> {
    this.#wakes.clear();
    this.#snapshots.closeAll();
    this.#reader.close();
    await this.#parts.writer.close();
    this.#parts.file.release();
  }
}

const nothing: Statistics = { records: 0, bytes: 0 };
const readCacheKibibytes = 16 * 1024;
const snapshotCacheKibibytes = 2 * 1024;
/** 16 MiB, four times as many as SQLite itself by default: writes all over a large file then gain a tenth to a half. */
const checkpointPagesDefault = 4000;
