import { type Timestamp, timestampDate } from "@bufbuild/protobuf/wkt";
import type { Column, Group, Period } from "../src/tiffin/analytics/v1/query_pb.ts";
import type { Dimension } from "../src/tiffin/analytics/v1/series_pb.ts";

/** What is said of a path. */
export interface DimensionValue {
  readonly path: string;
  readonly icon: string;
  readonly label: string;
  readonly description: string;
}

/** What a group holds in a period. NaN: nothing is there. */
export interface GroupedNumbers {
  readonly value: number;
  readonly sum: number;
  /** In the order in which the query asks for them. */
  readonly aggregates: readonly number[];
}

/** A group in a period. */
export interface GroupedRow extends GroupedNumbers {
  /** By name, in the order of the query's `select`. */
  readonly dimensions: Readonly<Record<string, DimensionValue>>;
  readonly metric: string;
  readonly unit: string | null;
  /** The same of the period that is compared with, if the query compares. */
  readonly compared: GroupedNumbers | undefined;
}

/** A period, and a row for each group. */
export interface GroupedPeriod {
  readonly period: string;
  readonly start: Date;
  readonly end: Date;
  readonly rows: readonly GroupedRow[];
  /** The period that this one is compared with, if the query compares and there is one. */
  readonly compared: Pick<GroupedPeriod, "period" | "start" | "end"> | undefined;
}

/** Of an answer to Query, StreamQuery or WatchQuery: what rows are made of. */
export interface Answered {
  readonly periods: readonly Period[];
  readonly comparedPeriods: readonly Period[];
  readonly groups: readonly Group[];
}

/** An answer by rows, a period at a time: `[...groupedPeriods(answer)]` has all of them at once, in many times the memory. */
export function* groupedPeriods({
  periods,
  comparedPeriods,
  groups,
}: Answered): Generator<GroupedPeriod, void, undefined> {
  const named = groups.map((group) => ({ group, dimensions: byName(group.dimensions) }));
  for (const [index, period] of periods.entries()) {
    const beside = comparedPeriods[index];
    yield {
      ...toPeriod(period),
      rows: named.map(({ group, dimensions }) => toRow(group, { dimensions, index })),
      compared: beside && toPeriod(beside),
    };
  }
}

function toRow(
  group: Group,
  { dimensions, index }: { dimensions: GroupedRow["dimensions"]; index: number },
): GroupedRow {
  return {
    dimensions,
    metric: group.metric,
    unit: group.unit === "" ? null : group.unit,
    value: numberAt(group.value, index),
    sum: numberAt(group.sum, index),
    aggregates: numbersAt(group.aggregates, index),
    // The range that is compared with may have no periods.
    compared: group.comparedValue.length > 0 ? comparedAt(group, index) : undefined,
  };
}

const comparedAt = (group: Group, index: number): GroupedNumbers => ({
  value: numberAt(group.comparedValue, index),
  sum: numberAt(group.comparedSum, index),
  aggregates: numbersAt(group.comparedAggregates, index),
});

const numbersAt = (columns: readonly Column[], index: number): number[] =>
  columns.map(({ numbers }) => numberAt(numbers, index));

const numberAt = (numbers: readonly number[], index: number): number =>
  numbers[index] ?? Number.NaN;

const toPeriod = ({
  label,
  startTime,
  endTime,
}: Period): Pick<GroupedPeriod, "period" | "start" | "end"> => ({
  period: label,
  start: toDate(startTime),
  end: toDate(endTime),
});

const toDate = (time: Timestamp | undefined): Date =>
  time === undefined ? new Date(Number.NaN) : timestampDate(time);

/** One object for all rows of a group. */
const byName = (dimensions: readonly Dimension[]): GroupedRow["dimensions"] =>
  Object.fromEntries(dimensions.map((dimension) => [dimension.name, toDimensionValue(dimension)]));

const toDimensionValue = ({ path, icon, label, description }: Dimension): DimensionValue => ({
  path,
  icon,
  label,
  description,
});
