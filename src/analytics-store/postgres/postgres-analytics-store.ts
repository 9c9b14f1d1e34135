import { Kysely, PostgresDialect, sql } from "kysely";
import { Client, type ClientConfig, Pool } from "pg";
import type { OpenedConnection } from "../sql/opened-connection.ts";
import { SqlAnalyticsStore, type SqlAnalyticsStoreOptions } from "../sql/sql-analytics-store.ts";
import { PostgresSignals } from "./postgres-signals.ts";

export interface PostgresAnalyticsStoreOptions extends SqlAnalyticsStoreOptions {
  /** `postgres://user:password@host:port/database`; in place of it `kysely`. */
  readonly connectionString?: string | undefined;
  /** One that is there, over PostgreSQL: it is not closed, and what other processes commit is not heard of. */
  // biome-ignore lint/suspicious/noExplicitAny: kysely's types of tables are not used
  readonly kysely?: Kysely<any> | undefined;
  /** How many connections there may be, beside one that listens. Default 10. */
  readonly connectionsMax?: number | undefined;
}

/** Series on a PostgreSQL server, which several processes may share. */
export class PostgresAnalyticsStore extends SqlAnalyticsStore {
  constructor(options: PostgresAnalyticsStoreOptions) {
    super(options, async () => open(options));
  }
}

function open(options: PostgresAnalyticsStoreOptions): OpenedConnection {
  const { kysely, connectionString, connectionsMax = connectionsDefault, clock, report } = options;
  if (kysely !== undefined) {
    const cancel = (process: number): Promise<unknown> =>
      sql`select pg_cancel_backend(${process}::int)`.execute(kysely);
    return { kysely, cancel, vacuums: false, isVolatile: false, close: async () => {} };
  }
  const config: ClientConfig = {
    connectionString,
    application_name: "tiffin",
    connectionTimeoutMillis: connectingMsMax,
    keepAlive: true,
    keepAliveInitialDelayMillis: silentMsMax,
  };
  const pool = new Pool({ ...config, max: connectionsMax });
  // Of a connection that nobody uses just now; whoever uses one is told by its statement.
  pool.on("error", (error) => report("an idle connection to the database was lost", error));
  pool.on("connect", (client) => {
    // Without a listener, losing a connection between two statements would end the process; the next statement fails with it.
    client.on("error", () => {});
    // Compiling a statement takes longer than it ever saves on these.
    client.query("set jit = off").catch(() => {}); // it was lost already, or is very old
  });
  const own = new Kysely({ dialect: new PostgresDialect({ pool }) });
  return {
    kysely: own,
    signals: new PostgresSignals({ config, clock, report }),
    cancel: (process) => cancelBy(config, process),
    vacuums: false,
    isVolatile: false,
    close: () => own.destroy(),
  };
}

/** By a connection of its own: all others may be waiting for what is to be ended. */
async function cancelBy(config: ClientConfig, process: number): Promise<void> {
  const client = new Client(config);
  client.on("error", () => {}); // it fails the statement, too
  try {
    await client.connect();
    await client.query("select pg_cancel_backend($1)", [process]);
  } finally {
    await client.end();
  }
}

const connectionsDefault = 10;
/** To connect, or to be given a connection. */
const connectingMsMax = 10_000;
/** Before a connection is asked whether it is still there: the system would wait for two hours, and who listens would hear nothing meanwhile. */
const silentMsMax = 10_000;
