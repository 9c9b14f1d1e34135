import { type RawBuilder, sql } from "kysely";
import { invalidField } from "../../errors.ts";
import type { Statements } from "./statements.ts";

/** What is kept of a tenant in one row, which every write of the tenant locks: so they are serial, and revisions rise as they become visible. */
export interface TenantRow {
  readonly id: number;
  readonly name: string;
  readonly revision: number;
  /** No revision up to this one is this tenant's: they were those of one of the same name. */
  readonly born: number;
  /** Changes up to this revision are not remembered any more. */
  readonly forgotten: number;
  readonly commits: number;
  readonly nextSeries: number;
  readonly nextCell: number;
  readonly nextSource: number;
  /** How often paths of dimensions were forgotten. */
  readonly clearings: number;
  readonly series: number;
  /** How many series there were when the planner's statistics were made. */
  readonly analyzed: number;
}

type Stored = { readonly [Name in keyof Columns]: Columns[Name] };
interface Columns {
  id: number;
  name: string;
  revision: unknown;
  born: unknown;
  forgotten: unknown;
  commits: unknown;
  next_series: unknown;
  next_cell: unknown;
  next_source: unknown;
  clearings: unknown;
  series: unknown;
  analyzed: unknown;
}

type Found = Promise<TenantRow | undefined>;

export const readTenant = (statements: Statements, name: string): Found =>
  findTenant(statements, name, sql``);

/** Waits until no other write of the tenant runs; undefined if there is no such tenant. */
export const lockTenantIfThere = (statements: Statements, name: string): Found =>
  findTenant(statements, name, sql`for update`);

async function findTenant(statements: Statements, name: string, lock: RawBuilder<unknown>): Found {
  if (name.includes("\0")) throw invalidField("tenant", "has a NUL character", name);
  const row = await statements.first(
    sql<Stored>`select * from tiffin_analytics.tenant where name = ${name} ${lock}`,
  );
  return row && toRow(row);
}

/** Waits until no other write of the tenant runs; makes it, if it is not there. */
export async function lockTenant(statements: Statements, name: string): Promise<TenantRow> {
  for (;;) {
    const there = await lockTenantIfThere(statements, name);
    if (there !== undefined) return there;
    const made = await statements.first(
      sql<{ id: number }>`insert into tiffin_analytics.tenant (name) values (${name})
        on conflict (name) do nothing returning id`,
    );
    // Only now: whoever deleted one of this name has told its revisions.
    if (made !== undefined) {
      await statements.rows(sql`update tiffin_analytics.tenant
        set born = (select revision_floor from tiffin_analytics.version) where id = ${made.id}`);
    }
  }
}

export async function tenantNames(statements: Statements): Promise<string[]> {
  const rows = await statements.rows(
    sql<{ name: string }>`select name from tiffin_analytics.tenant`,
  );
  return rows.map(({ name }) => name);
}

/** Drivers answer a bigint as a text or a number. */
const toRow = (row: Stored): TenantRow => ({
  id: row.id,
  name: row.name,
  revision: Number(row.revision),
  born: Number(row.born),
  forgotten: Number(row.forgotten),
  commits: Number(row.commits),
  nextSeries: Number(row.next_series),
  nextCell: Number(row.next_cell),
  nextSource: Number(row.next_source),
  clearings: Number(row.clearings),
  series: Number(row.series),
  analyzed: Number(row.analyzed),
});
