import { existsSync, mkdirSync, realpathSync, statSync } from "node:fs";
import { dirname } from "node:path";
import { PGlite } from "@electric-sql/pglite";
import { Kysely, PGliteDialect } from "kysely";
import { ProcessLock } from "../../store/process-lock.ts";
import type { OpenedConnection } from "../sql/opened-connection.ts";
import { SqlAnalyticsStore, type SqlAnalyticsStoreOptions } from "../sql/sql-analytics-store.ts";
import { PgliteSignals } from "./pglite-signals.ts";

export interface PgliteAnalyticsStoreOptions extends SqlAnalyticsStoreOptions {
  /** Where the database is kept; absent: in memory. */
  readonly directory?: string | undefined;
  /** Makes the database instead, or gives one that is there: it is not closed. */
  readonly pgliteFactory?: (() => Promise<PGlite>) | undefined;
}

/** Series in PGlite: PostgreSQL in this process, in memory or in a folder. */
export class PgliteAnalyticsStore extends SqlAnalyticsStore {
  constructor(options: PgliteAnalyticsStoreOptions) {
    super(options, () => open(options));
  }
}

async function open({
  directory,
  pgliteFactory,
}: PgliteAnalyticsStoreOptions): Promise<OpenedConnection> {
  if (pgliteFactory !== undefined) return connectionTo(await pgliteFactory());
  if (directory === undefined) {
    const pglite = await PGlite.create();
    return { ...connectionTo(pglite), isVolatile: true, close: () => pglite.close() };
  }
  makeFolder(directory);
  // By whatever name or link it is reached, it is one folder.
  const lock = new ProcessLock(realpathSync(directory));
  try {
    const pglite = await PGlite.create({ dataDir: directory });
    const close = async (): Promise<void> => {
      try {
        await pglite.close();
      } finally {
        lock.release();
      }
    };
    return { ...connectionTo(pglite), close };
  } catch (error) {
    lock.release();
    throw error;
  }
}

/** And those above it, one by one: for a folder under /proc Node's recursive way would try for ever. */
function makeFolder(directory: string): void {
  if (statSync(directory, { throwIfNoEntry: false })?.isDirectory()) return;
  const above = dirname(directory);
  if (!existsSync(above)) makeFolder(above);
  mkdirSync(directory, { mode: ownerOnly });
}

const connectionTo = (pglite: PGlite): OpenedConnection => ({
  // Never destroyed: Kysely would close PGlite with itself, and holds nothing else.
  kysely: new Kysely({ dialect: new PGliteDialect({ pglite }) }),
  signals: new PgliteSignals(pglite),
  vacuums: true,
  isVolatile: false,
  close: async () => {},
});

const ownerOnly = 0o700;
