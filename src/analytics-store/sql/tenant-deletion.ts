import { sql } from "kysely";
import type { Statements } from "./statements.ts";
import { lockTenantIfThere } from "./tenant-row.ts";

/** Deletes all that is the tenant's; answers how many series, undefined: there was no such tenant. */
export async function deleteTenantRows(
  statements: Statements,
  name: string,
  signal: { readonly channel: string; readonly payload: string },
): Promise<number | undefined> {
  const row = await lockTenantIfThere(statements, name);
  if (row === undefined) return undefined;
  for (const table of tables) {
    await statements.rows(
      sql`delete from ${sql.id("tiffin_analytics", table)} where tenant = ${row.id}`,
    );
  }
  await statements.rows(sql`update tiffin_analytics.version
    set revision_floor = greatest(revision_floor, ${Math.max(row.revision, row.born)}::bigint)`);
  await statements.rows(sql`delete from tiffin_analytics.tenant where id = ${row.id}
    returning pg_notify(${signal.channel}, ${signal.payload})::text`);
  return row.series;
}

/** All that are by tenant. */
const tables = ["series", "cell", "source", "dimension", "commit", "request"];
