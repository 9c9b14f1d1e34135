import type { Clock } from "../../clock.ts";
import type { Scope } from "../analytics-store.ts";
import type { KnownTenant, KnownTenants } from "./known-tenants.ts";
import type { Ending, SqlDatabase } from "./sql-database.ts";
import type { Statements } from "./statements.ts";
import { lockTenant, readTenant, type TenantRow } from "./tenant-row.ts";

/** What a transaction of a tenant works with. */
export interface TenantWork {
  readonly statements: Statements;
  readonly row: TenantRow;
  readonly known: KnownTenant;
  /** Unix milliseconds. */
  readonly now: number;
}

/** Where a tenant's transactions begin. */
export class TenantDatabase {
  readonly database: SqlDatabase;
  readonly #known: KnownTenants;
  readonly #clock: Clock;

  constructor(database: SqlDatabase, known: KnownTenants, clock: Clock) {
    this.database = database;
    this.#known = known;
    this.#clock = clock;
  }

  /** In one snapshot; `absent` when there is no such tenant. */
  read<T>(scope: Scope, absent: T, work: (tenant: TenantWork) => Promise<T>): Promise<T> {
    return this.database.read(scope, async (statements) => {
      const row = await readTenant(statements, scope.tenant);
      return row === undefined ? absent : work(await this.#work(statements, row));
    });
  }

  /** Alone among the tenant's writes; the tenant is made if it is not there. */
  write<T>(scope: Scope, work: (tenant: TenantWork) => Promise<T>, ending?: Ending<T>): Promise<T> {
    return this.database.writeInTurn(scope, scope.tenant, {
      work: async (statements) =>
        work(await this.#work(statements, await lockTenant(statements, scope.tenant))),
      ending,
    });
  }

  async #work(statements: Statements, row: TenantRow): Promise<TenantWork> {
    const known = await this.#known.load(statements, row);
    return { statements, row, known, now: this.#clock.now() };
  }
}
