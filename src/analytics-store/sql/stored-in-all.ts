import { sql } from "kysely";
import type { Statements } from "./statements.ts";

/** How much there is, of all tenants: bytes of tables and their indexes. */
export async function storedInAll(
  statements: Statements,
): Promise<{ readonly series: number; readonly bytes: number }> {
  const row = await statements.first(sql<{ series: unknown; bytes: unknown }>`select
    (select coalesce(sum(series), 0) from tiffin_analytics.tenant) as series,
    (select coalesce(sum(pg_total_relation_size(oid)), 0) from pg_class
      where relnamespace = 'tiffin_analytics'::regnamespace and relkind = 'r') as bytes`);
  return { series: Number(row?.series ?? 0), bytes: Number(row?.bytes ?? 0) };
}
