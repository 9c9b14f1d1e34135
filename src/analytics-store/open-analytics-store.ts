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

function constructed(options: AnalyticsStoreOptions): Promise<AnalyticsStore> {
  const scheme = options.url.slice(0, options.url.indexOf(":") + 1);
  const construct = engines.get(scheme);
  if (construct === undefined) {
    throw new TiffinError(
      "internal",
      `no analytics engine for this URL; known: ${knownAnalyticsSchemes}`,
    );
  }
  return construct(options);
}

/** Each engine adds its scheme here, and is loaded when it is asked for. */
const engines = new Map<string, (options: AnalyticsStoreOptions) => Promise<AnalyticsStore>>([
  ["memory:", inMemory],
  ["pglite:", onPglite],
  ["postgres:", onPostgres],
  ["postgresql:", onPostgres],
]);

async function inMemory(options: AnalyticsStoreOptions): Promise<AnalyticsStore> {
  const { MemoryAnalyticsStore } = await import("./memory/memory-analytics-store.ts");
  return new MemoryAnalyticsStore(options);
}

async function onPglite(options: AnalyticsStoreOptions): Promise<AnalyticsStore> {
  const [{ PgliteAnalyticsStore }, { statementLoggers }] = await Promise.all([
    import("./pglite/pglite-analytics-store.ts"),
    import("./sql/statement-loggers.ts"),
  ]);
  const directory = options.url.slice("pglite:".length);
  const loggers = statementLoggers(options.onStatement);
  return new PgliteAnalyticsStore({ ...options, ...loggers, directory: directory || undefined });
}

async function onPostgres(options: AnalyticsStoreOptions): Promise<AnalyticsStore> {
  const [{ PostgresAnalyticsStore }, { statementLoggers }] = await Promise.all([
    import("./postgres/postgres-analytics-store.ts"),
    import("./sql/statement-loggers.ts"),
  ]);
  const loggers = statementLoggers(options.onStatement);
  return new PostgresAnalyticsStore({ ...options, ...loggers, connectionString: options.url });
}

export const knownAnalyticsSchemes = "memory:, pglite:, postgres:, postgresql:";
