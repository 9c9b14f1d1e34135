import { commandFor } from "../../test/support/needs.ts";
import { PostgresServer } from "../../test/support/postgres-server.ts";
import { BytesClient } from "../load/grpc-client.ts";
import { contractCalls } from "../peers/key-value.ts";
import { startTiffin } from "../peers/tiffin.ts";
import { openScratchFolder } from "../process/scratch-folder.ts";
import { untilReady } from "../process/server-process.ts";
import type { SuiteOptions, SuiteResult } from "../report/suite.ts";
import type { Table } from "../report/table.ts";
import { besidePowerhouse } from "./beside-powerhouse.ts";
import { duckdb, type Entrant, inMemory, onPglite, onPostgres, powerhouse } from "./contenders.ts";
import { decoding } from "./decoding.ts";
import { raceEntrants } from "./race-entrants.ts";
import { servedQuestions } from "./served-questions.ts";
import { servedStreams } from "./served-streams.ts";

/** Analytics: adding series and asking questions, on each engine, beside DuckDB and, if asked for, Powerhouse's engine. */
export async function benchAnalytics(options: SuiteOptions): Promise<SuiteResult> {
  await using stack = new AsyncDisposableStack();
  const sizes = options.quick ? quickSizes : fullSizes;
  const skipped: string[] = [];
  const available = async (start: () => Promise<Entrant>, what: string): Promise<Entrant[]> => {
    try {
      return [await start()];
    } catch (error) {
      skipped.push(`analytics: ${what} was not measured: ${(error as Error).message}`);
      return [];
    }
  };
  const postgres = async (): Promise<Entrant> => {
    if (commandFor("postgres") === undefined) {
      throw new Error("it is not installed (Debian: postgresql)");
    }
    return onPostgres(stack.use(await PostgresServer.start()));
  };
  const entrants = [
    ...[inMemory, onPglite],
    ...(await available(postgres, "PostgreSQL")),
    ...(await available(duckdb, "DuckDB")),
  ];
  const tables: Table[] = [];
  for (const values of sizes.race) {
    tables.push(...(await raceEntrants({ values, rounds: options.rounds, entrants })));
  }
  if (options.peers) {
    for (const seed of await available(powerhouse, "Powerhouse's engine")) {
      for (const values of sizes.peers) tables.push(await besidePowerhouse(seed, values));
    }
  }
  tables.push(...(await served(options.rounds, sizes)), await decoding(options.rounds));
  return { tables, skipped };
}

async function served(rounds: number, sizes: Sizes): Promise<Table[]> {
  await using stack = new AsyncDisposableStack();
  const { path: folder } = stack.use(await openScratchFolder());
  const tiffin = await startTiffin({ folder });
  stack.use(tiffin.server);
  await untilReady(tiffin.server, async () => {
    using client = new BytesClient(tiffin.address);
    await client.call(contractCalls.set.path, contractCalls.set.request);
  });
  const streams = await servedStreams(tiffin, sizes.served);
  return [await servedQuestions(tiffin.address, { values: sizes.served, rounds }), streams];
}

interface Sizes {
  readonly race: readonly number[];
  readonly peers: readonly number[];
  readonly served: number;
}

const fullSizes: Sizes = {
  race: [10_000, 100_000, 1_000_000, 10_000_000],
  peers: [10_000, 100_000],
  served: 1_000_000,
};
const quickSizes: Sizes = { race: [10_000, 100_000], peers: [1_000], served: 100_000 };
