import type { PostgresServer } from "../../test/support/postgres-server.ts";
import { ContenderProcess } from "./contender-process.ts";
import { installPeer } from "./peer-packages.ts";

/** How to start what is compared. */
export interface Entrant {
  readonly name: string;
  /** With more values it would take longer to fill than the rest of the benchmark. */
  readonly valuesMax: number;
  /** With nothing in it. */
  start(): Promise<ContenderProcess>;
}

export const inMemory: Entrant = {
  name: "Tiffin, in memory",
  valuesMax: Number.POSITIVE_INFINITY,
  start: async () => new ContenderProcess("tiffin-contender.ts", ["memory:"]),
};

export const onPglite: Entrant = {
  name: "Tiffin, PGlite",
  valuesMax: 1_000_000,
  start: async () => new ContenderProcess("tiffin-contender.ts", ["pglite:"]),
};

/** A server of the benchmark's own, which does not sync to the disk, so that disks are not compared. */
export const onPostgres = (server: PostgresServer): Entrant => ({
  name: "Tiffin, PostgreSQL",
  valuesMax: 1_000_000,
  start: async () => new ContenderProcess("tiffin-contender.ts", [await server.newDatabase()]),
});

export async function duckdb(): Promise<Entrant> {
  const folder = await installPeer({
    name: "duckdb",
    packages: { "@duckdb/node-api": "1.5.6-r.1" },
  });
  return {
    name: "DuckDB",
    valuesMax: Number.POSITIVE_INFINITY,
    start: async () => new ContenderProcess("duckdb-contender.ts", [folder]),
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
    start: async () => new ContenderProcess("powerhouse-contender.ts", [folder]),
  };
}
