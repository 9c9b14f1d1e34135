import { sql } from "kysely";
import type { SqlDatabase } from "./sql-database.ts";

export interface MaintenanceOptions {
  readonly database: SqlDatabase;
  /** Whether nobody else clears away what was deleted: PGlite has no autovacuum. */
  readonly vacuums: boolean;
  readonly report: (problem: string, cause: unknown) => void;
}

/**
 * Keeps the planner's statistics fresh, and the tables free of what was deleted. A server does so by itself, but minutes later, and a plan made by
 * statistics of an empty table is a hundred times slower.
 */
export class Maintenance {
  readonly #options: MaintenanceOptions;
  #deleted = 0;
  #running: Promise<void> | undefined;

  constructor(options: MaintenanceOptions) {
    this.#options = options;
  }

  noteGrowth(): void {
    this.#run("analyze (skip_locked) tiffin_analytics.series");
  }

  noteDeleted(series: number): void {
    this.#deleted += series;
    if (!this.#options.vacuums || this.#deleted < deletedMax) return;
    this.#deleted = 0;
    this.#run(
      "vacuum (analyze) tiffin_analytics.series, tiffin_analytics.commit, tiffin_analytics.request",
    );
  }

  /** Waits for what runs. */
  async close(): Promise<void> {
    await this.#running;
  }

  #run(statement: string): void {
    const { database, report } = this.#options;
    // One at a time: what is asked for meanwhile is asked for again by the next growth.
    this.#running ??= database
      .plain((statements) => statements.rows(sql.raw(statement)))
      .then(
        () => {},
        (error) => report("the statistics of the analytics tables are not fresh", error),
      )
      .finally(() => {
        this.#running = undefined;
      });
  }
}

const deletedMax = 20_000;
