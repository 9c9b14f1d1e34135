import { type RawBuilder, sql } from "kysely";
import type { BucketQuery } from "../analytics-store.ts";
import { instant, numbersLiteral } from "./array-literal.ts";
import {
  type AskedBuckets,
  bucketColumns,
  neededOf,
  percentileName,
  percentilesOf,
  rightOpen,
} from "./bucket-columns.ts";
import { type PackedRow, packed, unpacked } from "./packed-numbers.ts";
import { periodNumber } from "./period-number.ts";
import { cellCondition } from "./series-conditions.ts";

/** By row, of which each is of one group in one period; a column that was not asked for is empty. */
export interface BucketRows {
  readonly group: Float64Array;
  /** 0 is what was before the first, and there may be one after the last. */
  readonly period: Float64Array;
  readonly sum: Float64Array;
  /** Also of what vests: what averages are made of. */
  readonly total: Float64Array;
  readonly count: Float64Array;
  readonly least: Float64Array;
  readonly most: Float64Array;
  readonly first: Float64Array;
  readonly last: Float64Array;
  /** In the order of `percentilesOf`. */
  readonly percentiles: readonly Float64Array[];
  readonly rollups: Float64Array;
  readonly rolledUpTo: Float64Array;
}

/**
 * The numbers by group and period, of those in which there are any. Group and period are one number, as two take longer to put in order; and they are
 * found in a subquery that is kept apart (`offset 0`), as the planner would prepare for a group for every row.
 */
export function bucketStatement(tenant: number, buckets: AskedBuckets): RawBuilder<PackedRow> {
  const { query, asked, from } = buckets;
  const cells = cellCondition(asked.matches);
  const conditions = [
    sql`tenant = ${tenant}`,
    sql`start < ${instant(query.before)}::bigint`,
    ...(cells === "all" || cells === "none" ? [] : [cells]),
    ...(from === undefined ? [] : [sql`start >= ${from}::bigint`]),
  ];
  const columns = bucketColumns(buckets);
  const table = sql`select place, ${sql.join(columns.map(({ made, name }) => sql`${made} as ${sql.id(name)}`))}
    from (select ${placeOf(buckets)} as place, ${sql.join(neededOf(query, asked))}
      from tiffin_analytics.series where ${sql.join(conditions, sql` and `)} offset 0) as placed
    group by place
    limit ${rowsMax(query)}::bigint`;
  return packed(
    [{ name: "place", of: sql`place` }, ...columns.flatMap((one) => one.packed)],
    table,
  );
}

/** What was answered to it. */
export function bucketRows(query: BucketQuery, row: PackedRow | undefined): BucketRows {
  const places = unpacked(row?.["place"]);
  const width = placesAGroup(query);
  return {
    group: places.map((place) => Math.floor(place / width)),
    period: places.map((place) => place % width),
    sum: unpacked(row?.["sum"]),
    total: unpacked(row?.["total"] ?? row?.["sum"]),
    count: unpacked(row?.["count"]),
    least: unpacked(row?.["least"]),
    most: unpacked(row?.["most"]),
    first: unpacked(row?.["first"]),
    last: unpacked(row?.["last"]),
    percentiles: percentilesOf(query.aggregates).map((_, index) =>
      unpacked(row?.[percentileName(index)]),
    ),
    rollups: unpacked(row?.["rollups"]),
    rolledUpTo: unpacked(row?.["rolled_up_to"]),
  };
}

/** Beside the periods there are what was before, and what comes after. */
const placesAGroup = ({ boundaries }: BucketQuery): number => boundaries.length + 1;

/** The group and the period of a series, as one number. */
function placeOf({ query, asked: { groupOf, keys }, from }: AskedBuckets): RawBuilder<unknown> {
  const width = placesAGroup(query);
  const type = keys.length * width < intMax ? sql`int[]` : sql`bigint[]`;
  const firsts = numbersLiteral(Array.from(groupOf, (group) => group * width));
  const period = periodNumber({ boundaries: rightOpen(query), before: query.before, from });
  return sql`(${firsts}::${type})[cell + 1] + ${period}`;
}

/** One row more than there can be of as many groups as may be answered: so many are refused, and more need not be fetched for that. Null: no limit. */
function rowsMax(query: BucketQuery): number | null {
  const { boundaries, aggregates, numbersMax } = query;
  const groupsMax = Math.floor(numbersMax / ((boundaries.length - 1) * (2 + aggregates.length)));
  const rows = groupsMax * placesAGroup(query) + 1;
  return Number.isSafeInteger(rows) ? rows : null;
}

/** What an int can hold. */
const intMax = 2 ** 31;
