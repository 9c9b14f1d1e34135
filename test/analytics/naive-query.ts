import type {
  Aggregate,
  BucketAnswer,
  BucketQuery,
  GroupColumns,
  GroupKey,
} from "../../src/analytics-store/analytics-store.ts";
import { limitExceeded, TiffinError } from "../../src/errors.ts";
import { cutToLevel, meansCell } from "./naive-matching.ts";
import { byFirst, byLast, type NaiveCell, type NaiveRow, partsOf, pathIn } from "./naive-row.ts";
import { isWithinPeriod, valueAt } from "./naive-value.ts";

/** What the query is asked of: `cells` in the order in which they were first seen. */
export interface NaiveData {
  readonly rows: readonly NaiveRow[];
  readonly cells: readonly NaiveCell[];
}

export function naiveQuery(
  { rows, cells }: NaiveData,
  query: BucketQuery,
): Omit<BucketAnswer, "revision"> {
  const means = (cell: NaiveCell): boolean =>
    meansCell(query.filter, cell) && meansCell({ select: query.select }, cell);
  const keys = new Map<string, GroupKey>();
  for (const cell of cells.filter(means)) {
    const key = keyOf(cell, query);
    if (!keys.has(textOf(key))) keys.set(textOf(key), key);
  }
  const { from, count } = query.slice ?? { from: 0, count: keys.size };
  const meant = rows.filter((row) => means(row) && row.start < query.before);
  const rowsOf = Map.groupBy(meant, (row) => textOf(keyOf(row, query)));
  const answered = [...keys.values()]
    .slice(from, from + count)
    .map((key) => ({ key, rows: rowsOf.get(textOf(key)) ?? [] }))
    .filter((group) => group.rows.length > 0);

  const numbers = answered.length * periodsOf(query).length * (2 + query.aggregates.length);
  if (numbers > query.numbersMax) throw limitExceeded("numbersMax", query.numbersMax, numbers);
  const groups = answered.map((group) => columnsOf(group.key, group.rows, query));
  return {
    groups,
    groupsTotal: keys.size,
    rolledUpTo: latestRollup(
      answered.flatMap((group) => group.rows),
      query,
    ),
  };
}

const keyOf = (cell: NaiveCell, { select }: BucketQuery): GroupKey => ({
  paths: select.map(({ dimension, levelOfDetail }) =>
    cutToLevel(pathIn(cell, dimension), levelOfDetail),
  ),
  metric: cell.metric,
  unit: cell.unit,
});

const textOf = ({ paths, metric, unit }: GroupKey): string => JSON.stringify([paths, metric, unit]);

type NaivePeriod = readonly [number, number];

const periodsOf = ({ boundaries }: BucketQuery): NaivePeriod[] =>
  [...boundaries.slice(1)].map((end, index) => [boundaries[index] as number, end]);

function columnsOf(key: GroupKey, rows: readonly NaiveRow[], query: BucketQuery): GroupColumns {
  const { boundary, boundaries, aggregates } = query;
  const periods = periodsOf(query);
  const column = (make: (period: NaivePeriod) => number): Float64Array =>
    Float64Array.from(periods, make);
  const beginning = (period: NaivePeriod): NaiveRow[] =>
    rows.filter((row) => isWithinPeriod(row.start, period, boundary));
  const at = (row: NaiveRow, instant: number): number => valueAt(row, instant, boundary);
  return {
    key,
    base: sum(rows.map((row) => at(row, boundaries[0] as number))),
    change: column(([from, to]) => sum(rows.map((row) => at(row, to) - at(row, from)))),
    count: column((period) => sum(beginning(period).map((row) => partsOf(row).count))),
    aggregates: aggregates.map((aggregate) =>
      column((period) => aggregateOf(aggregate, beginning(period))),
    ),
  };
}

function aggregateOf({ function: of, percentile = 0 }: Aggregate, rows: NaiveRow[]): number {
  const parts = rows.map(partsOf);
  const count = sum(parts.map((part) => part.count));
  if (of === "count") return count;
  if (rows.length === 0) return Number.NaN;
  switch (of) {
    case "avg":
      return sum(rows.map((row) => row.value)) / count;
    case "min":
      return Math.min(...parts.map((part) => part.min));
    case "max":
      return Math.max(...parts.map((part) => part.max));
    case "first":
      return partsOf(rows.toSorted(byFirst)[0] as NaiveRow).first;
    case "last":
      return partsOf(rows.toSorted(byLast).at(-1) as NaiveRow).last;
    case "percentile":
      return percentileOfRows(rows, percentile);
  }
}

function percentileOfRows(rows: readonly NaiveRow[], percentile: number): number {
  if (rows.some((row) => row.fn === "Rollup")) {
    throw new TiffinError("rolled_up", "no percentile can be told of what was rolled up");
  }
  const values = rows.map((row) => row.value).sort((a, b) => a - b);
  const place = (percentile / 100) * (values.length - 1);
  const low = values[Math.floor(place)] as number;
  const high = values[Math.ceil(place)] as number;
  return low + (place - Math.floor(place)) * (high - low);
}

/** Of those that the answer counts: in a period, or in what was before. */
function latestRollup(rows: readonly NaiveRow[], query: BucketQuery): number | undefined {
  const end = query.boundaries.at(-1) as number;
  const starts = rows
    .filter((row) => row.fn === "Rollup" && valueBegan(row, end, query))
    .map((row) => row.start);
  return starts.length === 0 ? undefined : Math.max(...starts);
}

const valueBegan = ({ start }: NaiveRow, end: number, { boundary }: BucketQuery): boolean =>
  boundary === "left_open" ? start <= end : start < end;

const sum = (numbers: readonly number[]): number => numbers.reduce((a, b) => a + b, 0);
