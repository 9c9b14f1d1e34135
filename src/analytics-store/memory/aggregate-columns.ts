import type { Aggregate, AggregateFunction } from "../analytics-store.ts";
import { rolledUp } from "../rollup.ts";
import type { AskedQuery } from "./asked-query.ts";
import { ExtremeColumns } from "./extreme-columns.ts";
import { SingleValues } from "./single-values.ts";
import type { StepColumns } from "./step-columns.ts";

/** By aggregate a column of all groups, one group after the other. */
export function aggregateColumns(asked: AskedQuery, steps: StepColumns): Float64Array[] {
  const { aggregates } = asked.query;
  const wanted = new Set<AggregateFunction>(aggregates.map((aggregate) => aggregate.function));
  const sources: Sources = {
    steps,
    extremes: extremeFunctions.some((one) => wanted.has(one)) ? extremesOf(asked) : undefined,
    values: wanted.has("percentile") ? valuesOf(asked, steps) : undefined,
  };
  return aggregates.map((aggregate) => columnOf(aggregate, sources));
}

/** What columns are made from, as far as any asks for it. */
interface Sources {
  readonly steps: StepColumns;
  readonly extremes: ExtremeColumns | undefined;
  readonly values: SingleValues | undefined;
}

function columnOf({ function: of, percentile = 0 }: Aggregate, sources: Sources): Float64Array {
  switch (of) {
    case "count":
      return sources.steps.counts();
    case "avg":
      return sources.steps.averages();
    case "percentile":
      return (sources.values as SingleValues).percentiles(percentile);
    case "min":
    case "max":
    case "first":
    case "last":
      return (sources.extremes as ExtremeColumns)[of];
  }
}

function extremesOf({ groups, periods, chunks }: AskedQuery): ExtremeColumns {
  const extremes = new ExtremeColumns(groups, periods);
  for (const chunk of chunks) extremes.add(chunk);
  return extremes;
}

function valuesOf(
  { groups, periods, chunks, rolledUpTo }: AskedQuery,
  steps: StepColumns,
): SingleValues {
  const first = periods.edges[0] as number;
  if (rolledUpTo !== undefined && rolledUpTo >= first) throw rolledUp();
  const values = new SingleValues(groups, periods, steps.counts());
  values.fill(chunks);
  return values;
}

const extremeFunctions = ["min", "max", "first", "last"] as const;
