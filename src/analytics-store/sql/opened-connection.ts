import type { Kysely } from "kysely";
import type { ChangeSignals } from "./change-signals.ts";

/** A database that is there, what differs from database to database, and how to give back what was opened of it. */
export interface OpenedConnection {
  // biome-ignore lint/suspicious/noExplicitAny: kysely's types of tables are not used
  readonly kysely: Kysely<any>;
  /** Absent: only this store's own commits are heard of. */
  readonly signals?: ChangeSignals | undefined;
  /** Ends the statement that a connection runs, by the connection's process on the server. */
  readonly cancel?: ((process: number) => Promise<unknown>) | undefined;
  readonly vacuums: boolean;
  /** Whether nothing outlives the process anyway, so that no log need be written. */
  readonly isVolatile: boolean;
  close(): Promise<void>;
}
