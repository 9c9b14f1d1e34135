import { type RawBuilder, sql } from "kysely";
import type { Aggregate, AggregateFunction, BucketQuery } from "../analytics-store.ts";
import { instant, numbersLiteral } from "./array-literal.ts";
import type { AskedCells } from "./asked-cells.ts";
import { decimals, exactDouble } from "./exact-sum.ts";
import type { PackedColumn } from "./packed-numbers.ts";
import { isVested } from "./vesting-statement.ts";

export interface AskedBuckets {
  readonly query: BucketQuery;
  readonly asked: AskedCells;
  /** Summed up as decimals, for sums that are no doubles. */
  readonly exact: boolean;
  /** Only what begins at this instant or later: what was before is known. */
  readonly from?: number | undefined;
}

/** What is vested before this is added up by the database; the rest of what vests comes about by and by, and is fetched. */
export const vestedBefore = ({ query, from }: Pick<AskedBuckets, "query" | "from">): number =>
  from ?? (rightOpen(query)[0] as number);

/** A column as it is made for each group and period, and how it is answered as doubles. */
export interface BucketColumn {
  readonly name: string;
  readonly made: RawBuilder<unknown>;
  readonly packed: readonly PackedColumn[];
}

const plainColumn = (name: string, made: RawBuilder<unknown>): BucketColumn => ({
  ...{ name, made, packed: [{ name, of: sql.id(name) }] },
});

function sumColumn(name: string, cells: RawBuilder<unknown>, exact: boolean): BucketColumn {
  if (!exact) return plainColumn(name, sql`coalesce(sum(value) ${cells}, 0)`);
  const of = exactDouble(sql.id(name));
  return { name, made: sql`coalesce(${decimals} ${cells}, 0)`, packed: [{ name, of }] };
}

export function bucketColumns(buckets: AskedBuckets): BucketColumn[] {
  const { query, asked, exact } = buckets;
  const { hasRollups, vesting } = asked;
  const others =
    vesting.length === 0
      ? sql``
      : sql`filter (where cell <> all(${numbersLiteral(vesting)}::int[]) or ${isVested(vestedBefore(buckets))})`;
  const count = hasRollups ? sql`sum(coalesce(parts, 1))` : sql`count(*)`;
  const wanted = new Set(query.aggregates.map((aggregate) => aggregate.function));
  const within = withinPeriods(query);
  return [
    sumColumn("sum", others, exact),
    plainColumn("count", count),
    ...(wanted.has("avg") && vesting.length > 0 ? [sumColumn("total", sql``, exact)] : []),
    ...extremeColumns(hasRollups).flatMap(([of, name, made]) =>
      wanted.has(of) ? [plainColumn(name, sql`${made} ${within}`)] : [],
    ),
    ...endColumns(hasRollups).flatMap(([of, values]) =>
      wanted.has(of) ? [plainColumn(of, sql`(${values} ${within})[1]`)] : [],
    ),
    ...(wanted.has("percentile") ? percentileColumns(query, within) : []),
    ...(hasRollups ? [plainColumn("rolled_up_to", rolledUpTo)] : []),
  ];
}

/** Of what was before the first period there are no aggregates. */
const withinPeriods = (query: BucketQuery): RawBuilder<unknown> =>
  sql`filter (where start >= ${instant(rightOpen(query)[0] as number)}::bigint)`;

const rolledUpTo = sql`max(start) filter (where parts is not null)`;

const extremeColumns = (
  hasRollups: boolean,
): [of: AggregateFunction, name: string, made: RawBuilder<unknown>][] => [
  ["min", "least", hasRollups ? sql`min(coalesce(least, value))` : sql`min(value)`],
  ["max", "most", hasRollups ? sql`max(coalesce(most, value))` : sql`max(value)`],
];

/** Of what begins at one instant rollups come first, among them by value: only they have `first` and `last`, and which of them was first nobody knows. */
const endColumns = (
  hasRollups: boolean,
): [of: AggregateFunction & ("first" | "last"), values: RawBuilder<unknown>][] =>
  hasRollups
    ? [
        [
          "first",
          sql`array_agg(coalesce(first, value) order by coalesce(first_start, start), (parts is null), first, id)`,
        ],
        [
          "last",
          sql`array_agg(coalesce(last, value) order by start desc, (parts is null) desc, last desc, id desc)`,
        ],
      ]
    : [
        ["first", sql`array_agg(value order by start, id)`],
        ["last", sql`array_agg(value order by start desc, id desc)`],
      ];

function percentileColumns(query: BucketQuery, within: RawBuilder<unknown>): BucketColumn[] {
  const percentiles = percentilesOf(query.aggregates);
  const fractions = numbersLiteral(percentiles.map((one) => one / 100));
  return [
    {
      name: "percentiles",
      made: sql`percentile_cont(${fractions}::float8[]) within group (order by value) ${within}`,
      packed: percentiles.map((_, index) => ({
        ...{ name: percentileName(index), of: sql`percentiles[${sql.lit(index + 1)}]` },
      })),
    },
    plainColumn("rollups", sql`count(parts) ${within}`),
  ];
}

export const percentileName = (index: number): string => `percentile_${index}`;

/** Those that are asked for, once each. */
export const percentilesOf = (aggregates: readonly Aggregate[]): number[] => [
  ...new Set(
    aggregates.flatMap(({ function: of, percentile = 0 }) =>
      of === "percentile" ? [percentile] : [],
    ),
  ),
];

/** What is read of a series: little, as the subquery copies it. */
export function neededOf(
  { aggregates }: BucketQuery,
  { hasRollups, vesting }: AskedCells,
): RawBuilder<unknown>[] {
  const names = [
    "value",
    ...(vesting.length > 0 ? ["cell", "end", "cliff"] : []),
    ...(aggregates.length > 0 || hasRollups ? ["start", "parts"] : []),
    ...(aggregates.length > 0 ? ["id"] : []),
    ...(aggregates.length > 0 && hasRollups
      ? ["first_start", "least", "most", "first", "last"]
      : []),
  ];
  return names.map((name) => sql.id(name));
}

/** Times are whole milliseconds: what is after s and up to e begins at s + 1 and before e + 1. */
export const rightOpen = ({ boundaries, boundary }: BucketQuery): Float64Array =>
  boundary === "left_open" ? boundaries.map((at) => at + 1) : boundaries;
