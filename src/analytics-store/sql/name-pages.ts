import { type RawBuilder, sql } from "kysely";
import type { NamePage } from "../analytics-store.ts";
import { hasSeries } from "./dimension-paths.ts";
import { isAtOrBelow } from "./series-conditions.ts";
import type { TenantWork } from "./tenant-database.ts";

/** Names of the series that are there, by code points. */
export async function namePage(work: TenantWork, page: NamePage): Promise<string[]> {
  const rows = await work.statements.rows(
    page.of === "source" ? sources(work, page) : cellNames(work, page),
  );
  return rows.map(({ name }) => name);
}

const cellNames = (
  { row }: TenantWork,
  { of, path, after, limit }: NamePage,
): RawBuilder<{ readonly name: string }> => {
  const column = of === "metric" ? sql`metric` : sql`unit`;
  return sql`select distinct ${column} as name from tiffin_analytics.cell as cell
    where tenant = ${row.id} and ${column} <> '' and ${further(column, { path, after })}
      and ${hasSeries}
    order by name limit ${limit}::bigint`;
};

const sources = (
  { row }: TenantWork,
  { path, after, limit }: NamePage,
): RawBuilder<{ readonly name: string }> => sql`
  select path as name from tiffin_analytics.source as source
  where tenant = ${row.id} and ${further(sql`path`, { path, after })} and exists (
    select from tiffin_analytics.series as series
    where series.tenant = source.tenant and series.source = source.number)
  order by path limit ${limit}::bigint`;

function further(
  column: RawBuilder<unknown>,
  { path, after }: Pick<NamePage, "path" | "after">,
): RawBuilder<unknown> {
  const conditions = [
    ...(path === undefined ? [] : [isAtOrBelow(column, path)]),
    ...(after === undefined ? [] : [sql`${column} > ${after}`]),
  ];
  return conditions.length === 0 ? sql`true` : sql.join(conditions, sql` and `);
}
