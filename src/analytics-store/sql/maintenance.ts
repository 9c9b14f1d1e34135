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
  readonly #wanted = new Set<Chore>();
  #running: Promise<void> | undefined;
  #isClosed = false;

  constructor(options: MaintenanceOptions) {
    this.#options = options;
  }

  noteGrowth(): void {
    this.#want("analyze");
  }

  noteDeleted(series: number): void {
    this.#deleted += series;
    if (!this.#options.vacuums || this.#deleted < deletedMax) return;
    this.#deleted = 0;
    this.#want("vacuum");
  }

  /** Waits for what runs; what is wanted later is not done. */
  async close(): Promise<void> {
    this.#isClosed = true;
    this.#wanted.clear();
    await this.#running;
  }

  #want(chore: Chore): void {
    if (this.#isClosed) return;
    this.#wanted.add(chore);
    this.#running ??= this.#run().finally(() => {
      this.#running = undefined;
    });
  }

  /** One at a time; what is wanted meanwhile comes after. */
  async #run(): Promise<void> {
    const { database, report } = this.#options;
    for (const chore of this.#wanted) {
      this.#wanted.delete(chore);
      try {
        await database.plain(async (statements) => {
          for (const text of chores[chore]) await statements.rows(sql.raw(text));
        });
      } catch (error) {
        report("the statistics of the analytics tables are not fresh", error);
      }
    }
  }
}

type Chore = "analyze" | "vacuum";

const chores: Readonly<Record<Chore, readonly string[]>> = {
  analyze: [
    "analyze (skip_locked) tiffin_analytics.series",
    "select brin_summarize_new_values('tiffin_analytics.series_by_start')",
  ],
  vacuum: [
    "vacuum (analyze) tiffin_analytics.series, tiffin_analytics.commit, tiffin_analytics.request",
  ],
};

const deletedMax = 20_000;
