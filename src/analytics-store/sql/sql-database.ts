import { type Kysely, sql } from "kysely";
import type { Clock } from "../../clock.ts";
import { TiffinError } from "../../errors.ts";
import { gone, throwIfOver, whenOver } from "../../store/call-end.ts";
import { StartRefusal } from "../../store/start-refusal.ts";
import type { Call } from "../../store/store.ts";
import { Turns } from "../turns.ts";
import { problemOf, toTiffinError } from "./sql-errors.ts";
import { type StatementLoggers, Statements } from "./statements.ts";

export interface SqlDatabaseOptions extends StatementLoggers {
  // biome-ignore lint/suspicious/noExplicitAny: kysely's types of tables are not used
  readonly kysely: Kysely<any>;
  readonly clock: Clock;
  /** Ends the statement that a connection runs, by the connection's process; PGlite's cannot be ended. */
  readonly cancel?: ((process: number) => Promise<unknown>) | undefined;
  readonly report: (problem: string, cause: unknown) => void;
}

/** Transactions: their retries, their ends before time, and what their errors mean. */
export class SqlDatabase {
  readonly #options: SqlDatabaseOptions;
  #index = 0;
  readonly #running = new Set<Promise<unknown>>();
  readonly #turns = new Turns();
  #isClosed = false;

  constructor(options: SqlDatabaseOptions) {
    this.#options = options;
  }

  /** One snapshot, in which nothing can be written. */
  read<T>(call: Call, work: Work<T>): Promise<T> {
    return this.#run(call, { mode: "read", work });
  }

  /** All or nothing. */
  write<T>(call: Call, work: Work<T>): Promise<T> {
    return this.#run(call, { mode: "write", work });
  }

  /** Waits for this process's other writes of the same name first: by a lock in the database each would wait with a connection in its hands. */
  writeInTurn<T>(call: Call, name: string, job: Omit<Job<T>, "mode" | "before">): Promise<T> {
    return this.#turns.take(name, (before) => this.#run(call, { ...job, mode: "write", before }));
  }

  /** Outside of any transaction: for VACUUM and the like. */
  async plain<T>(work: (statements: Statements) => Promise<T>): Promise<T> {
    try {
      return await this.#kept(work(this.#statements(this.#options.kysely)));
    } catch (error) {
      throw toTiffinError(error);
    }
  }

  /** Waits for what runs; refuses what comes after. */
  async close(): Promise<void> {
    this.#isClosed = true;
    await Promise.allSettled(this.#running);
  }

  async #run<T>(call: Call, job: Job<T>): Promise<T> {
    for (let attempt = 1; ; attempt++) {
      if (this.#isClosed) throw closed();
      throwIfOver(call, this.#options.clock.now());
      try {
        return await this.#attempt(call, job);
      } catch (error) {
        if (attempt === attemptsMax || !isTransient(error)) throw toCallerError(error);
      }
    }
  }

  /** Answers as soon as the caller goes or its time is over; what runs is ended then. */
  #attempt<T>(call: Call, job: Job<T>): Promise<T> {
    const over = new AbortController();
    const { promise, resolve, reject } = Promise.withResolvers<T>();
    const stop = whenOver(call, this.#options.clock, (error) => {
      over.abort(error);
      reject(error);
    });
    const transaction = this.#kept(this.#transaction(job, over.signal));
    transaction.then(resolve, reject).finally(stop);
    return promise;
  }

  async #transaction<T>(job: Job<T>, signal: AbortSignal): Promise<T> {
    const { mode, work, before, ending } = job;
    await before;
    if (signal.aborted) throw gone(signal.reason);
    let committing = false;
    let stopCancelling: (() => void) | undefined;
    try {
      const done = await this.#builder(mode).execute(async (transaction) => {
        const statements = this.#statements(transaction, signal);
        stopCancelling = await this.#cancelWhen(signal, statements);
        const answer = await work(statements);
        if (signal.aborted) throw gone(signal.reason);
        stopCancelling?.();
        committing = mode === "write";
        return answer;
      });
      ending?.committed(done);
      return done;
    } catch (error) {
      if (!committing || problemOf(error) !== "lost") throw error;
      ending?.unknown();
      throw toTiffinError(error, true);
    } finally {
      stopCancelling?.();
    }
  }

  /** What waits for a lock would wait on, and hold a connection, though nobody waits for it. */
  async #cancelWhen(
    signal: AbortSignal,
    statements: Statements,
  ): Promise<(() => void) | undefined> {
    const { cancel, report } = this.#options;
    if (cancel === undefined) return undefined;
    const row = await statements.first(
      sql<{ process: number }>`select pg_backend_pid() as process`,
    );
    const onAbort = (): void => {
      cancel(row?.process ?? 0).catch((error) => report("a statement was not ended", error));
    };
    signal.addEventListener("abort", onAbort, { once: true });
    return () => signal.removeEventListener("abort", onAbort);
  }

  #builder(mode: Mode) {
    const builder = this.#options.kysely.transaction();
    if (mode === "write") return builder.setIsolationLevel("read committed");
    return builder.setIsolationLevel("repeatable read").setAccessMode("read only");
  }

  // biome-ignore lint/suspicious/noExplicitAny: kysely's types of tables are not used
  #statements(executor: Kysely<any>, signal?: AbortSignal): Statements {
    const { queryLogger, resultsLogger } = this.#options;
    const nextIndex = (): number => this.#index++;
    return new Statements(executor, { queryLogger, resultsLogger, nextIndex }, signal);
  }

  #kept<T>(running: Promise<T>): Promise<T> {
    this.#running.add(running);
    const forget = (): void => void this.#running.delete(running);
    running.then(forget, forget);
    return running;
  }
}

type Mode = "read" | "write";
type Work<T> = (statements: Statements) => Promise<T>;
/** What follows from a write, whether or not its caller still waits for it: one may go away while it is committed. */
export interface Ending<T> {
  committed(answer: T): void;
  /** The database was lost meanwhile: it may be committed. */
  unknown(): void;
}
interface Job<T> {
  readonly mode: Mode;
  readonly work: Work<T>;
  readonly ending?: Ending<T> | undefined;
  /** What is waited for, without a connection. */
  readonly before?: Promise<unknown>;
}

/** Cancelled, though this call was not meant: its connection was another's until just now. */
const isTransient = (error: unknown): boolean =>
  !isOurs(error) && ["again", "cancelled"].includes(problemOf(error));

const toCallerError = (error: unknown): unknown => (isOurs(error) ? error : toTiffinError(error));

const isOurs = (error: unknown): boolean =>
  error instanceof TiffinError || error instanceof StartRefusal;

const closed = (): TiffinError => new TiffinError("shutting_down", "the analytics store is closed");

/** Writers of a tenant wait for each other by a lock, so one that has to begin again is rare. */
const attemptsMax = 5;
