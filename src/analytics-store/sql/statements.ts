import type { Compilable, CompiledQuery, Kysely, RawBuilder } from "kysely";
import { gone } from "../../store/call-end.ts";

/** Told of every statement, and of what it answered: one index for both. */
export interface StatementLoggers {
  readonly queryLogger?: ((index: number, sql: string) => void) | undefined;
  readonly resultsLogger?: ((index: number, rows: readonly unknown[]) => void) | undefined;
}

/** What runs statements within one transaction, one after the other, until the caller has gone. */
export class Statements {
  // Every statement is given with the type of its rows: see `rows`.
  // biome-ignore lint/suspicious/noExplicitAny: kysely's types of tables are not used
  readonly #executor: Kysely<any>;
  readonly #loggers: StatementLoggers;
  readonly #nextIndex: () => number;
  readonly #signal: AbortSignal | undefined;

  constructor(
    // biome-ignore lint/suspicious/noExplicitAny: as above
    executor: Kysely<any>,
    loggers: StatementLoggers & { readonly nextIndex: () => number },
    signal?: AbortSignal,
  ) {
    this.#executor = executor;
    this.#loggers = loggers;
    this.#nextIndex = loggers.nextIndex;
    this.#signal = signal;
  }

  async rows<Row>(statement: RawBuilder<Row> | Compilable<Row>): Promise<Row[]> {
    if (this.#signal?.aborted) throw gone(this.#signal.reason);
    const compiled = this.compiled(statement);
    const index = this.#nextIndex();
    this.#loggers.queryLogger?.(index, compiled.sql);
    const { rows } = await this.#executor.executeQuery(compiled);
    this.#loggers.resultsLogger?.(index, rows);
    return rows;
  }

  async first<Row>(statement: RawBuilder<Row>): Promise<Row | undefined> {
    const [row] = await this.rows(statement);
    return row;
  }

  /** How many rows it inserted, changed or deleted: for statements that answer `count(*)` as `count`. */
  async count(statement: RawBuilder<{ readonly count: number }>): Promise<number> {
    return Number((await this.first(statement))?.count ?? 0);
  }

  compiled<Row>(statement: RawBuilder<Row> | Compilable<Row>): CompiledQuery<Row> {
    return "as" in statement ? statement.compile(this.#executor) : statement.compile();
  }
}
