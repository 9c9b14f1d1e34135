import type { DatabaseSync } from "node:sqlite";
import { writeCommit } from "./commit-writing.ts";
import { type Failpoint, Failpoints } from "./failpoint.ts";
import { checkOpened } from "./open-checks.ts";
import { connectWriter, migrate } from "./open-writer.ts";
import { purgeSome } from "./purging.ts";
import { RootChanges } from "./root-changes.ts";
import { SpaceRules } from "./space-rules.ts";
import { encodeError, problemOf, toStoreError } from "./sqlite-errors.ts";
import { readPosition, type StorePosition } from "./store-position.ts";
import { trimSome } from "./trimming.ts";
import type {
  AppliedBatch,
  Done,
  EncodedBatch,
  Opened,
  PurgeStep,
  SpaceRule,
  TrimStep,
} from "./wire.ts";
import { prepareWriterStatements, type WriterStatements } from "./writer-statements.ts";
import type { OpenTransaction } from "./writer-transaction.ts";

export interface WriterOptions {
  readonly path: string;
  readonly spaces: readonly SpaceRule[];
  /** How many live records one range deletion may delete. */
  readonly rangeRecords: number;
  /** How many pages the log takes in before a checkpoint writes them where they belong. */
  readonly checkpointPages: number;
  readonly failpoint?: Failpoint | undefined;
}

interface Connection {
  readonly database: DatabaseSync;
  readonly statements: WriterStatements;
}

/** Everything that writes to the database, on its own thread. Every method is one transaction, or none. */
export class Writer {
  readonly #options: WriterOptions;
  readonly #rules: SpaceRules;
  readonly #failpoints: Failpoints;
  #connection: Connection | undefined;
  /** As the latest transaction has left it. */
  #position: StorePosition | undefined;
  /** Up to which page of the log a checkpoint was tried. */
  #checkpointed = 0;

  constructor(options: WriterOptions) {
    this.#options = options;
    this.#rules = new SpaceRules(options.spaces);
    this.#failpoints = new Failpoints(options.failpoint);
  }

  open(now: number): Opened {
    const database = connectWriter(this.#options.path);
    try {
      migrate(database, now, this.#failpoints);
      this.#position = checkOpened(database, this.#options.path);
    } catch (error) {
      database.close();
      throw error;
    }
    this.#connection = { database, statements: prepareWriterStatements(database) };
    const { head, time } = this.#position;
    return { head, time };
  }

  /** Each commit all or nothing, together on the disk when this returns. Throws only when it is not known whether they are. */
  apply({ now, commits }: EncodedBatch): AppliedBatch {
    try {
      const outcomes = this.#transact({ now, kind: "" }, (transaction) =>
        commits.map((commit) => writeCommit(transaction, commit)),
      );
      this.#failpoints.pass("before answer");
      return { outcomes, head: this.#position?.head ?? 0 };
    } catch (error) {
      // A full disk is noticed before the last page of the commit is written, so nothing of the batch is applied.
      if (problemOf(error) !== "diskFull") throw error;
      const refused = encodeError(toStoreError(error, this.#options.path));
      return { outcomes: commits.map(() => ({ refused })), head: this.#position?.head ?? 0 };
    }
  }

  purge(step: PurgeStep): Done {
    return this.#transact({ now: 0, kind: "purge " }, (transaction) =>
      purgeSome(transaction, step),
    );
  }

  trim(step: TrimStep): Done {
    return this.#transact({ now: 0, kind: "trim " }, (transaction) => trimSome(transaction, step));
  }

  /** To be called between two answers: moves what the log has gathered into the database, as far as no snapshot needs it. */
  checkpoint(): void {
    const { statements } = this.#connected();
    const { log } = statements.walState.get() as unknown as { log: number };
    if (log < this.#checkpointed) this.#checkpointed = 0; // the log has begun anew
    if (log - this.#checkpointed < this.#options.checkpointPages) return;
    this.#failpoints.pass("before checkpoint");
    statements.checkpoint.get();
    this.#checkpointed = log;
    this.#failpoints.pass("after checkpoint");
  }

  close(): void {
    this.#connection?.database.close();
    this.#connection = undefined;
  }

  #transact<T>(
    { now, kind }: { now: number; kind: "" | "purge " | "trim " },
    work: (transaction: OpenTransaction) => T,
  ): T {
    const { statements } = this.#connected();
    const position = { ...this.#known() };
    const rootChanges = new RootChanges(this.#rules);
    const failpoints = this.#failpoints;
    const { rangeRecords } = this.#options;
    try {
      if (kind === "") failpoints.pass("before begin");
      statements.begin.run();
      if (kind === "") failpoints.pass("after begin");
      const transaction = { statements, rules: this.#rules, failpoints, now };
      const result = work({ ...transaction, rangeRecords, position, rootChanges });
      this.#finish(position, rootChanges, now);
      failpoints.pass(`before ${kind}commit`);
      statements.commit.run();
      this.#position = position;
      failpoints.pass(`after ${kind}commit`);
      return result;
    } catch (error) {
      this.#recover(error);
      throw error;
    }
  }

  #finish(position: StorePosition, rootChanges: RootChanges, now: number): void {
    const before = this.#known();
    const { statements } = this.#connected();
    rootChanges.write(statements, position);
    const { head, floor, lastChange, historyBytes, records, bytes } = position;
    position.time = Math.max(before.time, now);
    const changed = head !== before.head || floor !== before.floor || records !== before.records;
    if (!changed && bytes === before.bytes) return;
    statements.setHead.run(head, floor, position.time, lastChange, historyBytes, records, bytes);
    this.#failpoints.pass("after head");
  }

  /** What was not committed is undone. A connection that met an I/O error is not believed any more: what it holds may not be on the disk. */
  #recover(error: unknown): void {
    const { database, statements } = this.#connected();
    if (problemOf(error) === "ioError") {
      database.close();
      this.#connection = undefined;
      return;
    }
    if (database.isTransaction) statements.rollback.run();
  }

  #connected(): Connection {
    if (this.#connection !== undefined) return this.#connection;
    const database = connectWriter(this.#options.path);
    this.#position = readPosition(database);
    this.#connection = { database, statements: prepareWriterStatements(database) };
    return this.#connection;
  }

  #known(): StorePosition {
    if (this.#position === undefined) throw new Error("the database is not open");
    return this.#position;
  }
}
