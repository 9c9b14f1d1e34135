import { sql } from "kysely";
import type { SeriesFilter, SeriesPage, Span } from "../analytics-store.ts";
import type { JsonObject, StoredSeries } from "../series.ts";
import { seriesConditions } from "./series-conditions.ts";
import type { TenantWork } from "./tenant-database.ts";

/** Series by rising id. */
export async function listSeries(
  work: TenantWork,
  filter: SeriesFilter,
  { afterId, limit }: SeriesPage,
): Promise<StoredSeries[]> {
  const conditions = seriesConditions(work, filter);
  if (conditions === undefined) return [];
  const rows = await work.statements.rows(sql<SeriesRow>`
    select * from tiffin_analytics.series where ${conditions} and id > ${Math.min(afterId, Number.MAX_SAFE_INTEGER)}::bigint
    order by id limit ${limit}::bigint`);
  return rows.map((row) => toStored(work, row));
}

export async function spanOf(work: TenantWork, filter: SeriesFilter): Promise<Span | undefined> {
  const conditions = seriesConditions(work, filter);
  if (conditions === undefined) return undefined;
  const row = await work.statements.first(sql<{ first: unknown; last: unknown }>`
    select min(start) as first, max(coalesce("end", start)) as last
    from tiffin_analytics.series where ${conditions}`);
  if (row?.first == null) return undefined;
  return { firstStart: Number(row.first), lastEnd: Number(row.last) };
}

interface SeriesRow {
  readonly id: unknown;
  readonly cell: number;
  readonly source: number;
  readonly start: unknown;
  readonly end: unknown;
  readonly value: number;
  readonly params: string | null;
  readonly parts: unknown;
  readonly least: number;
  readonly most: number;
  readonly first: number;
  readonly last: number;
}

function toStored({ known }: TenantWork, row: SeriesRow): StoredSeries {
  const { metric, unit, fn, dimensions } = known.cells.at(row.cell);
  return {
    id: Number(row.id),
    source: known.sources.at(row.source),
    metric,
    start: Number(row.start),
    end: row.end === null ? undefined : Number(row.end),
    value: row.value,
    ...{ unit, fn, dimensions },
    params: paramsOf(row),
  };
}

function paramsOf(row: SeriesRow): JsonObject | undefined {
  if (row.parts === null) return row.params === null ? undefined : JSON.parse(row.params);
  const { least: min, most: max, first, last } = row;
  return { count: Number(row.parts), min, max, first, last };
}
