import type { AbortableQueryOptions, Kysely } from "kysely";
import type { Clock } from "../../clock.ts";
import { TiffinError } from "../../errors.ts";
import { gone, throwIfOver, whenOver } from "../../store/call-end.ts";
import type { Call } from "../../store/store.ts";
import { problemOf, toTiffinError } from "./sql-errors.ts";
import { type StatementLoggers, Statements } from "./statements.ts";

export interface SqlDatabaseOptions extends StatementLoggers {
  // biome-ignore lint/suspicious/noExplicitAny: kysely's types of tables are not used
  readonly kysely: Kysely<any>;
  readonly clock: Clock;
  /** Whether a statement that runs can be ended on the server; PGlite's cannot. */
  readonly canCancel: boolean;
}

/** Transactions: their retries, their ends before time, and what their errors mean. */
export class SqlDatabase {
  readonly #options: SqlDatabaseOptions;
  #index = 0;
  readonly #running = new Set<Promise<unknown>>();
  #isClosed = false;

  constructor(options: SqlDatabaseOptions) {
    this.#options = options;
  }

  /** One snapshot, in which nothing can be written. */
  read<T>(call: Call, work: (statements: Statements) => Promise<T>): Promise<T> {
    return this.#run("read", call, work);
  }

  /** All or nothing. */
  write<T>(call: Call, work: (statements: Statements) => Promise<T>): Promise<T> {
    return this.#run("write", call, work);
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

  async #run<T>(mode: Mode, call: Call, work: Work<T>): Promise<T> {
    for (let attempt = 1; ; attempt++) {
      if (this.#isClosed) throw closed();
      throwIfOver(call, this.#options.clock.now());
      try {
        return await this.#attempt(mode, call, work);
      } catch (error) {
        if (error instanceof TiffinError) throw error;
        if (attempt === attemptsMax || problemOf(error) !== "again") throw toTiffinError(error);
      }
    }
  }

  /** Answers as soon as the caller goes or its time is over; what runs ends by itself, or is ended. */
  #attempt<T>(mode: Mode, call: Call, work: Work<T>): Promise<T> {
    const over = new AbortController();
    const { promise, resolve, reject } = Promise.withResolvers<T>();
    const stop = whenOver(call, this.#options.clock, (error) => {
      over.abort(error);
      reject(error);
    });
    const transaction = this.#kept(this.#transaction(mode, over.signal, work));
    transaction.then(resolve, reject).finally(stop);
    return promise;
  }

  async #transaction<T>(mode: Mode, signal: AbortSignal, work: Work<T>): Promise<T> {
    let committing = false;
    try {
      return await this.#builder(mode).execute(async (transaction) => {
        if (signal.aborted) throw gone(signal.reason);
        const answer = await work(this.#statements(transaction, signal));
        if (signal.aborted) throw gone(signal.reason);
        committing = mode === "write";
        return answer;
      });
    } catch (error) {
      if (committing && problemOf(error) === "lost") throw toTiffinError(error, true);
      throw error;
    }
  }

  #builder(mode: Mode) {
    const builder = this.#options.kysely.transaction();
    if (mode === "write") return builder.setIsolationLevel("read committed");
    return builder.setIsolationLevel("repeatable read").setAccessMode("read only");
  }

  // biome-ignore lint/suspicious/noExplicitAny: kysely's types of tables are not used
  #statements(executor: Kysely<any>, signal?: AbortSignal): Statements {
    const { queryLogger, resultsLogger, canCancel } = this.#options;
    const options: AbortableQueryOptions =
      signal !== undefined && canCancel
        ? { signal, inflightQueryAbortStrategy: "cancel query" }
        : {};
    const nextIndex = (): number => this.#index++;
    return new Statements(executor, { queryLogger, resultsLogger, nextIndex }, options);
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

const closed = (): TiffinError => new TiffinError("shutting_down", "the analytics store is closed");

/** Writers of a tenant wait for each other by a lock, so one that has to begin again is rare. */
const attemptsMax = 5;
