import { type RawBuilder, sql } from "kysely";
import type { Aggregate, BucketQuery } from "../analytics-store.ts";
import { instant, numbersLiteral } from "./array-literal.ts";
import type { AskedCells } from "./asked-cells.ts";
import { decimals } from "./exact-sum.ts";
import { cellCondition } from "./series-conditions.ts";

/** Of one group in one period: 0 is what was before the first, and there may be one after the last. */
export interface BucketRow {
  readonly group: number;
  readonly period: number;
  readonly sum: number | string | null;
  /** Also of what vests: what averages are made of. */
  readonly total?: number | string | null;
  readonly count: unknown;
  readonly least?: number | null;
  readonly most?: number | null;
  readonly first?: number | null;
  readonly last?: number | null;
  readonly percentiles?: readonly number[] | null;
  readonly rollups?: unknown;
  readonly rolled_up_to?: unknown;
}

export interface AskedBuckets {
  readonly query: BucketQuery;
  readonly asked: AskedCells;
  /** Summed up as decimals, for sums that are no doubles. */
  readonly exact: boolean;
  /** Only what begins at this instant or later: what was before is known. */
  readonly from?: number | undefined;
}

/** The numbers by group and period, of those in which there are any. */
export function bucketStatement(
  tenant: number,
  { query, asked, exact, from }: AskedBuckets,
): RawBuilder<BucketRow> {
  const boundaries = rightOpen(query);
  const cells = cellCondition(asked.matches);
  const conditions = [
    sql`tenant = ${tenant}`,
    sql`start < ${instant(query.before)}::bigint`,
    ...(cells === "all" || cells === "none" ? [] : [cells]),
    ...(from === undefined ? [] : [sql`start >= ${from}::bigint`]),
  ];
  return sql<BucketRow>`select
      (${numbersLiteral(asked.groupOf)}::int[])[cell + 1] as "group",
      width_bucket(start::float8, ${numbersLiteral(boundaries)}::float8[]) as period,
      ${sumOf(asked, exact)} as sum,
      ${asked.hasRollups ? sql`sum(coalesce(parts, 1))` : sql`count(*)`} as count
      ${sql.join([sql``, ...aggregateColumns(query, asked, exact)], sql``)}
    from tiffin_analytics.series
    where ${sql.join(conditions, sql` and `)}
    group by 1, 2
    limit ${rowsMax(query)}::bigint`;
}

/** One row more than there can be of as many groups as may be answered: so many are refused, and more need not be fetched for that. Null: no limit. */
function rowsMax({ boundaries, aggregates, numbersMax }: BucketQuery): number | null {
  const periods = boundaries.length - 1;
  const groupsMax = Math.floor(numbersMax / (periods * (2 + aggregates.length)));
  // Beside the periods there are what was before, and what comes after.
  const rows = groupsMax * (periods + 2) + 1;
  return Number.isSafeInteger(rows) ? rows : null;
}

/** Times are whole milliseconds: what is after s and up to e begins at s + 1 and before e + 1. */
export const rightOpen = ({ boundaries, boundary }: BucketQuery): Float64Array =>
  boundary === "left_open" ? boundaries.map((at) => at + 1) : boundaries;

/** What vests comes about by and by, and is added in TypeScript. */
function sumOf({ vesting }: AskedCells, exact: boolean): RawBuilder<unknown> {
  const total = totalOf(exact);
  if (vesting.length === 0) return total;
  return exact
    ? sql`(${decimals} filter (where ${isNone(vesting)}))::text`
    : sql`${total} filter (where ${isNone(vesting)})`;
}

const totalOf = (exact: boolean): RawBuilder<unknown> =>
  exact ? sql`${decimals}::text` : sql`sum(value)`;

const isNone = (cells: readonly number[]): RawBuilder<unknown> =>
  sql`cell <> all(${numbersLiteral(cells)}::int[])`;

function aggregateColumns(
  query: BucketQuery,
  { hasRollups, vesting }: AskedCells,
  exact: boolean,
): RawBuilder<unknown>[] {
  const wanted = new Set(query.aggregates.map((aggregate) => aggregate.function));
  const from = instant(rightOpen(query)[0] as number);
  const within = sql`filter (where start >= ${from}::bigint)`;
  const or = (part: RawBuilder<unknown>, whole: RawBuilder<unknown>): RawBuilder<unknown> =>
    hasRollups ? sql`coalesce(${part}, ${whole})` : whole;
  const columns: RawBuilder<unknown>[] = [];
  if (wanted.has("avg") && vesting.length > 0) columns.push(sql`, ${totalOf(exact)} as total`);
  if (wanted.has("min")) columns.push(sql`, min(${or(sql`least`, sql`value`)}) ${within} as least`);
  if (wanted.has("max")) columns.push(sql`, max(${or(sql`most`, sql`value`)}) ${within} as most`);
  // Of what begins at one instant rollups come first.
  if (wanted.has("first")) {
    const order = hasRollups
      ? sql`coalesce(first_start, start), (parts is null), id`
      : sql`start, id`;
    columns.push(
      sql`, (array_agg(${or(sql`first`, sql`value`)} order by ${order}) ${within})[1] as first`,
    );
  }
  if (wanted.has("last")) {
    const order = hasRollups
      ? sql`start desc, (parts is null) desc, id desc`
      : sql`start desc, id desc`;
    columns.push(
      sql`, (array_agg(${or(sql`last`, sql`value`)} order by ${order}) ${within})[1] as last`,
    );
  }
  if (wanted.has("percentile")) {
    const fractions = numbersLiteral(percentilesOf(query.aggregates).map((one) => one / 100));
    columns.push(
      sql`, percentile_cont(${fractions}::float8[]) within group (order by value) ${within} as percentiles`,
      sql`, count(parts) ${within} as rollups`,
    );
  }
  if (hasRollups) columns.push(sql`, max(start) filter (where parts is not null) as rolled_up_to`);
  return columns;
}

/** Those that are asked for, once each. */
export const percentilesOf = (aggregates: readonly Aggregate[]): number[] => [
  ...new Set(
    aggregates.flatMap(({ function: of, percentile = 0 }) =>
      of === "percentile" ? [percentile] : [],
    ),
  ),
];

/** What vests, of the groups asked for. */
export const vestingStatement = (
  tenant: number,
  { before }: BucketQuery,
  vesting: readonly number[],
): RawBuilder<VestingRow> => sql<VestingRow>`select cell, start, "end", cliff, value
  from tiffin_analytics.series
  where tenant = ${tenant} and cell = any(${numbersLiteral(vesting)}::int[])
    and start < ${instant(before)}::bigint
  order by id`;

export interface VestingRow {
  readonly cell: number;
  readonly start: unknown;
  readonly end: unknown;
  readonly cliff: unknown;
  readonly value: number;
}
