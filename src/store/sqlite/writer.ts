import type { DatabaseSync } from "node:sqlite";
import { writeCommit } from "./commit-writing.ts";
import { type Failpoint, Failpoints } from "./failpoint.ts";
import { FoundRows } from "./found-rows.ts";
import { checkOpened } from "./open-checks.ts";
import { connectWriter, migrate } from "./open-writer.ts";
import { purgeSome } from "./purging.ts";
import { RootChanges } from "./root-changes.ts";
import { SpaceRules } from "./space-rules.ts";
import { encodeError, problemOf, toRefusal, toStoreError } from "./sqlite-errors.ts";
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

/** A full disk is noticed before the last page of a commit is written, another program's lock at its beginning: nothing is applied. */
const happenedBeforeCommit = (error: unknown): boolean =>
  problemOf(error) === "diskFull" || problemOf(error) === "busy";

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

  /** Whatever is wrong is refused: with a file that is not in order nothing is begun. */
  open(now: number): Opened {
    const { path } = this.#options;
    let database: DatabaseSync | undefined;
    try {
      database = connectWriter(path);
      migrate(database, now, this.#failpoints);
      const position = checkOpened(database, path);
      this.#position = position;
      this.#connection = { database, statements: prepareWriterStatements(database) };
      return { head: position.head, time: position.time };
    } catch (error) {
      database?.close();
      throw toRefusal(error, path);
    }
  }

  /** Each commit all or nothing, together on the disk when this returns. Throws only when it is not known whether they are. */
  apply({ now, commits }: EncodedBatch): AppliedBatch {
    const before = this.#position?.head;
    try {
      const outcomes = this.#transact({ now, kind: "" }, (transaction) =>
        commits.map((commit) => writeCommit(transaction, commit)),
      );
      this.#failpoints.pass("before answer");
      return { outcomes, head: this.#position?.head ?? 0 };
    } catch (error) {
      if (!happenedBeforeCommit(error) || this.#position?.head !== before) throw error;
      if (problemOf(error) === "diskFull") this.#checkpointed = Number.NEGATIVE_INFINITY; // what is moved out of the log makes room in it
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

  /**
   * To be called between two answers: moves what the log has gathered into the database, as far as no snapshot needs it.
   * When that fails nobody has lost anything: the log is longer, and the next time it is tried again.
   */
  checkpoint(): void {
    if (this.#connection === undefined) return;
    const { statements } = this.#connection;
    try {
      const { log } = statements.walState.get() as unknown as { log: number };
      if (log < this.#checkpointed) this.#checkpointed = 0; // the log has begun anew
      if (log - this.#checkpointed < this.#options.checkpointPages) return;
      this.#checkpointed = log;
      this.#failpoints.pass("before checkpoint");
      statements.checkpoint.get();
      this.#failpoints.pass("after checkpoint");
    } catch (error) {
      this.#recover(error);
    }
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
      const rows = new FoundRows(statements);
      const transaction = { statements, rows, rules: this.#rules, failpoints, now };
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
    if (this.#connection === undefined) return;
    const { database, statements } = this.#connection;
    if (problemOf(error) === "ioError") this.close();
    else if (database.isTransaction) statements.rollback.run();
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
