import { type RawBuilder, sql } from "kysely";
import type { RollupPeriod, SourceChange } from "../analytics-store.ts";
import { numbersLiteral } from "./array-literal.ts";
import { type ChangeRow, toChange } from "./delete-series.ts";
import { decimals, exactDouble } from "./exact-sum.ts";
import type { NewNumbers } from "./new-numbers.ts";
import { type Retirement, scopedSeries } from "./retired-series.ts";
import type { TenantWork } from "./tenant-database.ts";

interface RollingUp extends Retirement {
  readonly period: RollupPeriod;
  readonly firstId: number;
  /** The periods that begin after so many series are left for the next time. */
  readonly seriesAtOnce: number;
}

export interface RolledUp {
  readonly changes: SourceChange[];
  /** Whether no period was left. */
  readonly isWhole: boolean;
}

/** Puts one rollup in place of what goes and of the rollups that are there, by source, cell and period. A rollup alone stays as it is. */
export async function rollUp(work: TenantWork, rollingUp: RollingUp): Promise<RolledUp> {
  const { numbers, period, firstId, exact, seriesAtOnce } = rollingUp;
  const { statements, row } = work;
  const scoped = scopedSeries(rollingUp);
  const going = await statements.rows(
    sql<{ cell: number }>`select distinct cell from ${scoped} as scoped where goes`,
  );
  if (going.length === 0) return { changes: [], isWhole: true };
  const rollupOf = await rollupCells(
    numbers,
    going.map(({ cell }) => cell),
  );
  const rows = await statements.rows(sql<ChangeRow & { readonly is_whole: boolean }>`
    with scoped as (
      select *, (${numbersLiteral(rollupOf)}::int[])[cell + 1] as rollup, ${periodOf(period)} as period
      from ${scoped} as scoped),
    all_places as (
      select rollup, source, period, count(*) as series from scoped where goes or parts is not null group by 1, 2, 3
      having bool_or(goes) and not (count(*) = 1 and bool_or(parts is not null))),
    periods as (
      select period, sum(sum(series)) over (order by period) - sum(series) < ${seriesAtOnce}::bigint as is_now
      from all_places group by period),
    places as (select rollup, source, period from all_places join periods using (period) where is_now),
    merged as (
      select scoped.* from scoped join places using (rollup, source, period)
      where goes or parts is not null),
    gone as (
      delete from tiffin_analytics.series as series using merged
      where series.tenant = ${row.id} and series.id = merged.id),
    made as (${madeOf(row.id, firstId, exact)} returning source, start)
    select source, sum(added) as added, sum(deleted) as deleted,
      min(start) as first_start, max(start) as last_start,
      (select bool_and(is_now) from periods) as is_whole
    from (select source, start, 0 as added, 1 as deleted from merged
      union all select source, start, 1, 0 from made) as changed
    group by source order by source`);
  return {
    changes: rows.map((one) => toChange(work, one)),
    isWhole: rows.every(({ is_whole: isWhole }) => isWhole),
  };
}

const madeOf = (tenant: number, firstId: number, exact: boolean): RawBuilder<unknown> => sql`
  insert into tiffin_analytics.series (tenant, id, cell, source, start, value,
    parts, first_start, least, most, first, last)
  select ${tenant}, ${firstId - 1}::bigint + row_number() over (order by max(start), rollup, source),
    rollup, source, max(start), ${exact ? exactDouble(decimals) : sql`sum(value)`},
    sum(coalesce(parts, 1)), min(coalesce(first_start, start)),
    min(coalesce(least, value)), max(coalesce(most, value)),
    (array_agg(coalesce(first, value) order by coalesce(first_start, start), (parts is null), first, id))[1],
    (array_agg(coalesce(last, value) order by start desc, (parts is null) desc, last desc, id desc))[1]
  from merged group by rollup, source, period`;

/** By cell that of its rollups, -1: none. Those of cells of which something goes are made if they are not there. */
async function rollupCells(numbers: NewNumbers, going: readonly number[]): Promise<Int32Array> {
  for (const cell of going) numbers.cellOf({ ...numbers.cellAt(cell), fn: "Rollup" });
  await numbers.write();
  const rollupOf = new Int32Array(numbers.nextCell).fill(-1);
  const groups = new Set(
    going.map((cell) => numbers.cellOf({ ...numbers.cellAt(cell), fn: "Rollup" })),
  );
  for (const group of groups) rollupOf[group] = group;
  for (const cell of going) {
    rollupOf[cell] = numbers.cellOf({ ...numbers.cellAt(cell), fn: "Rollup" });
  }
  return rollupOf;
}

/** The number of the period of the UTC calendar that a start is in. Doubles hold milliseconds exactly, and their quotients tell neighbours apart. */
function periodOf(period: RollupPeriod): RawBuilder<unknown> {
  const days = sql`floor(start::float8 / 86400000)`;
  switch (period) {
    case "hourly":
      return sql`floor(start::float8 / 3600000)`;
    case "daily":
      return days;
    case "monthly":
      return sql`(extract(year from date '1970-01-01' + ${days}::int) * 12
        + extract(month from date '1970-01-01' + ${days}::int))::float8`;
  }
}
