import { type RawBuilder, sql } from "kysely";
import type { SeriesFilter } from "../analytics-store.ts";
import { pathMatcher } from "../path-patterns.ts";
import { instant, numbersLiteral } from "./array-literal.ts";
import type { TenantWork } from "./tenant-database.ts";

/** What must hold of rows of `series`; undefined: it holds of none. */
export function seriesConditions(
  { row, known }: TenantWork,
  filter: SeriesFilter,
): RawBuilder<boolean> | undefined {
  const conditions: RawBuilder<unknown>[] = [sql`tenant = ${row.id}`];
  if (filter.ids !== undefined) {
    // Others no series has, and some of them no bigint holds.
    const ids = filter.ids.filter(Number.isSafeInteger);
    conditions.push(sql`id = any(${numbersLiteral(ids)}::bigint[])`);
  }
  if (filter.sources !== undefined) {
    const sources = known.sources.numbersWhere(pathMatcher(filter.sources));
    if (sources.length === 0) return undefined;
    if (sources.length < known.sources.size) {
      conditions.push(sql`source = any(${numbersLiteral(sources)}::int[])`);
    }
  }
  const cells = cellCondition(known.cells.matching(filter));
  if (cells === "none") return undefined;
  if (cells !== "all") conditions.push(cells);
  if (filter.from !== undefined) conditions.push(sql`start >= ${instant(filter.from)}::bigint`);
  if (filter.before !== undefined) {
    conditions.push(sql`start < ${instant(filter.before)}::bigint`);
  }
  return sql<boolean>`${sql.join(conditions, sql` and `)}`;
}

/** That a series is of one of the cells that are not 0. Few are named, so that the index of cells is used; of many, those that are not meant. */
export function cellCondition(matches: Uint8Array): RawBuilder<boolean> | "all" | "none" {
  let count = 0;
  for (let cell = 0; cell < matches.length; cell++) if (matches[cell] !== 0) count++;
  if (count === 0) return "none";
  if (count === matches.length) return "all";
  const areNamed = 2 * count <= matches.length;
  const named: number[] = [];
  for (let cell = 0; cell < matches.length; cell++) {
    if ((matches[cell] !== 0) === areNamed) named.push(cell);
  }
  return areNamed
    ? sql<boolean>`cell = any(${numbersLiteral(named)}::int[])`
    : sql<boolean>`cell <> all(${numbersLiteral(named)}::int[])`;
}

/** No LIKE: every character of a path stands for itself. */
export const isAtOrBelow = (column: RawBuilder<unknown>, path: string): RawBuilder<boolean> =>
  sql<boolean>`(${column} = ${path} or starts_with(${column}, ${`${path}/`}))`;
