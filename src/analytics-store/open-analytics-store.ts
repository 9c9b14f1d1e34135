import type { Clock } from "../clock.ts";
import { TiffinError } from "../errors.ts";
import type { AnalyticsStore } from "./analytics-store.ts";

export interface AnalyticsStoreOptions {
  readonly url: string;
  readonly clock: Clock;
  /** What the memory engine may hold. */
  readonly bytesMax: number;
  /** Told of what goes wrong behind the calls: a lost connection, a listener that throws. */
  readonly report: (problem: string, cause: unknown) => void;
  /** Told of each statement of an SQL engine, and of how many rows it answered. */
  readonly onStatement?: ((sql: string, rows: number) => void) | undefined;
}

/** The engine that the URL names, made ready. Engines are loaded when they are asked for. */
export async function openAnalyticsStore(options: AnalyticsStoreOptions): Promise<AnalyticsStore> {
  const store = await constructed(options);
  await store.init();
  return store;
}

async function constructed(options: AnalyticsStoreOptions): Promise<AnalyticsStore> {
  const { url } = options;
  if (url === "memory:") {
    const { MemoryAnalyticsStore } = await import("./memory/memory-analytics-store.ts");
    return new MemoryAnalyticsStore(options);
  }
  if (url.startsWith("pglite:")) {
    const { PgliteAnalyticsStore } = await import("./pglite/pglite-analytics-store.ts");
    return new PgliteAnalyticsStore({ ...options, directory: url.slice("pglite:".length) });
  }
  if (/^postgres(ql)?:\/\//.test(url)) {
    const { PostgresAnalyticsStore } = await import("./postgres/postgres-analytics-store.ts");
    return new PostgresAnalyticsStore({ ...options, connectionString: url });
  }
  throw new TiffinError(
    "internal",
    `no analytics engine for this URL; known: ${knownAnalyticsSchemes}`,
  );
}

export const knownAnalyticsSchemes = "memory:, pglite:, postgres:, postgresql:";
