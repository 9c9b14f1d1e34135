/** DuckDB in process and in memory, one connection, as many threads as it likes: `duckdb-contender.ts FOLDER`, asked by its parent. */
import type { NewSeries } from "../../src/analytics-store/series.ts";
import type { Contender } from "./contender.ts";
import { duckdbQuery } from "./duckdb-query.ts";
import { importPeer } from "./peer-packages.ts";
import { digestOf } from "./questions.ts";
import { serveContender } from "./serve-contender.ts";

const [folder = ""] = process.argv.slice(2);
serveContender(openDuckdb);

async function openDuckdb(): Promise<Contender> {
  const duckdb = await importPeer<Duckdb>(folder, "@duckdb/node-api");
  const connection = await (await duckdb.DuckDBInstance.create(":memory:")).connect();
  await connection.run(`create table series (
    id bigint, source varchar, metric varchar, start timestamp, value double, unit varchar, fn varchar,
    project_2 varchar, project varchar, category varchar, region varchar)`);
  const { VARCHAR, BIGINT, TIMESTAMP, DOUBLE } = duckdb;
  const texts = [VARCHAR, VARCHAR, VARCHAR, VARCHAR, VARCHAR, VARCHAR];
  const types = [BIGINT, VARCHAR, VARCHAR, TIMESTAMP, DOUBLE, ...texts];
  const appender = await connection.createAppender("series");
  let id = 0n;
  const toColumns = (rows: readonly NewSeries[]): unknown[][] => [
    rows.map(() => ++id),
    rows.map(({ source }) => source),
    rows.map(({ metric }) => metric),
    rows.map(({ start }) => new duckdb.DuckDBTimestampValue(BigInt(start) * 1000n)),
    rows.map(({ value }) => value),
    rows.map(({ unit }) => unit),
    rows.map(() => "Single"),
    rows.map(({ dimensions }) => dimensions?.["project"]?.split("/", 2).join("/")),
    rows.map(({ dimensions }) => dimensions?.["project"]),
    rows.map(({ dimensions }) => dimensions?.["category"]),
    rows.map(({ dimensions }) => dimensions?.["region"]),
  ];
  const resident = process.memoryUsage().rss;
  return {
    name: `DuckDB ${duckdb.version()}`,
    prepare: (batch) => batch,
    /** By chunks of columns, its quickest way in from JavaScript: a tenth faster than row by row. */
    async add(batch) {
      const rows = batch as readonly NewSeries[];
      for (let from = 0; from < rows.length; from += chunkMax) {
        const part = rows.slice(from, from + chunkMax);
        const chunk = duckdb.DuckDBDataChunk.create(types, part.length);
        chunk.setColumns(toColumns(part));
        appender.appendDataChunk(chunk);
      }
      appender.flushSync();
    },
    async ask(question) {
      const answer = await connection.runAndReadAll(duckdbQuery(question));
      const [value = [], sum = []] = answer.getColumnsJS().slice(-2);
      return digestOf([{ value, sum }]);
    },
    /** It allocates outside of what node counts. */
    storedBytes: async () => process.memoryUsage().rss - resident,
    close: async () => connection.closeSync(),
  };
}

/** DuckDB's vectors hold so many. */
const chunkMax = 2048;

/** What is used of the package, which is installed only when this is measured. */
interface Duckdb {
  version(): string;
  readonly VARCHAR: unknown;
  readonly BIGINT: unknown;
  readonly TIMESTAMP: unknown;
  readonly DOUBLE: unknown;
  readonly DuckDBTimestampValue: new (micros: bigint) => unknown;
  readonly DuckDBDataChunk: {
    create(types: readonly unknown[], rows: number): { setColumns(columns: unknown[][]): void };
  };
  readonly DuckDBInstance: {
    create(path: string): Promise<{ connect(): Promise<DuckdbConnection> }>;
  };
}

interface DuckdbConnection {
  run(sql: string): Promise<unknown>;
  runAndReadAll(sql: string): Promise<{ getColumnsJS(): number[][] }>;
  createAppender(table: string): Promise<{
    appendDataChunk(chunk: unknown): void;
    flushSync(): void;
  }>;
  closeSync(): void;
}
