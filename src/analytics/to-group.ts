import type { Column, Group } from "#gen/tiffin/analytics/v1/query_pb.ts";
import type { Dimension } from "#gen/tiffin/analytics/v1/series_pb.ts";
import type { GroupColumns } from "../analytics-store/analytics-store.ts";
import type { AnsweredGroup } from "./group-reader.ts";

export interface GroupShape {
  readonly dimensions: Dimension[];
  /** Which periods are answered, rising. */
  readonly kept: readonly number[];
  /** Whether there is a range beside the query's. */
  readonly isCompared: boolean;
  /** How many aggregates were asked for. */
  readonly aggregates: number;
}

/** The group as it is answered. Running totals are added up here, alike for all engines. */
export function toGroup({ key, main, compared }: AnsweredGroup, shape: GroupShape): Group {
  const { dimensions, isCompared } = shape;
  const own = columnsOf(main, shape);
  const beside = isCompared ? columnsOf(compared, shape) : undefined;
  return {
    $typeName: "tiffin.analytics.v1.Group",
    dimensions,
    metric: key.metric,
    unit: key.unit,
    value: own.value,
    sum: own.sum,
    aggregates: own.aggregates,
    comparedValue: beside?.value ?? [],
    comparedSum: beside?.sum ?? [],
    comparedAggregates: beside?.aggregates ?? [],
  };
}

interface MessageColumns {
  readonly value: number[];
  readonly sum: number[];
  readonly aggregates: Column[];
}

/** Where there is no such group or period, nothing is there: NaN. */
function columnsOf(
  columns: GroupColumns | undefined,
  { kept, aggregates }: GroupShape,
): MessageColumns {
  const answered = (numbers: Float64Array | undefined): number[] =>
    kept.map((period) => numbers?.[period] ?? Number.NaN);
  return {
    value: answered(columns?.change),
    sum: answered(columns && runningTotal(columns)),
    aggregates: Array.from({ length: aggregates }, (_, index) => ({
      $typeName: "tiffin.analytics.v1.Column",
      numbers: answered(columns?.aggregates[index]),
    })),
  };
}

function runningTotal({ base, change }: GroupColumns): Float64Array {
  const sums = new Float64Array(change.length);
  let sum = base;
  for (let period = 0; period < sums.length; period++) {
    sum += change[period] as number;
    sums[period] = sum;
  }
  return sums;
}
