import { ContenderProcess } from "./contender-process.ts";
import { installPeer } from "./peer-packages.ts";

/** How to start what is compared; a contender that cannot be had here says why. */
export interface Entrant {
  readonly name: string;
  /** With more values it would take longer to fill than the rest of the benchmark. */
  readonly valuesMax: number;
  start(): ContenderProcess;
}

export const inMemory: Entrant = {
  name: "Tiffin, in memory",
  valuesMax: Number.POSITIVE_INFINITY,
  start: () => new ContenderProcess("tiffin-contender.ts", ["memory:"]),
};

export const onPglite: Entrant = {
  name: "Tiffin, PGlite",
  valuesMax: 1_000_000,
  start: () => new ContenderProcess("tiffin-contender.ts", ["pglite:"]),
};

/** On a server that is there already. */
export const onPostgres = (url: string): Entrant => ({
  name: "Tiffin, PostgreSQL",
  valuesMax: 1_000_000,
  start: () => new ContenderProcess("tiffin-contender.ts", [url]),
});

export async function duckdb(): Promise<Entrant> {
  const folder = await installPeer({
    name: "duckdb",
    packages: { "@duckdb/node-api": "1.5.6-r.1" },
  });
  return {
    name: "DuckDB",
    valuesMax: Number.POSITIVE_INFINITY,
    start: () => new ContenderProcess("duckdb-contender.ts", [folder]),
  };
}

export async function powerhouse(): Promise<Entrant> {
  const folder = await installPeer({
    name: "powerhouse",
    packages: {
      "@powerhousedao/analytics-engine-core": "6.2.2",
      "@powerhousedao/analytics-engine-browser": "6.2.2",
      "@electric-sql/pglite": "0.3.15",
      luxon: "3.7.2",
    },
  });
  return {
    name: "Powerhouse",
    valuesMax: 100_000,
    start: () => new ContenderProcess("powerhouse-contender.ts", [folder]),
  };
}
