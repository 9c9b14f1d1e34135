import { limitExceeded } from "../../errors.ts";
import type { BucketAnswer, BucketQuery, GroupColumns } from "../analytics-store.ts";
import type { Cells } from "../cells.ts";
import { addAccrued } from "./accrued.ts";
import { aggregateColumns } from "./aggregate-columns.ts";
import { askedGroups } from "./asked-groups.ts";
import type { AskedQuery } from "./asked-query.ts";
import type { FirstStarts } from "./first-starts.ts";
import { periodsOf } from "./period-ranges.ts";
import { QueryStages } from "./query-stages.ts";
import type { RememberedGroupings } from "./remembered-groupings.ts";
import { latestRollup } from "./rolled-up.ts";
import type { SeriesRows } from "./series-rows.ts";
import { StepColumns } from "./step-columns.ts";

/** What a tenant's queries are answered from. */
export interface Queried {
  readonly cells: Cells;
  readonly rows: SeriesRows;
  readonly firstStarts: FirstStarts;
  readonly groupings: RememberedGroupings;
}

export function bucketAnswer(query: BucketQuery, data: Queried): Omit<BucketAnswer, "revision"> {
  const stages = new QueryStages(query.profiler);
  const asked = askedQuery(query, data);
  checkSize(asked);
  stages.end("group");
  const { rows, cells } = data;
  const { groups, periods, chunks, rolledUpTo } = asked;
  const steps = new StepColumns(groups, periods);
  for (const chunk of chunks) steps.add(chunk, (one) => rows.summaryOf(one, cells.size));
  stages.end("sum");
  const columns = aggregateColumns(asked, steps);
  stages.end("aggregate");
  const change = steps.changes();
  if (groups.slots > groups.keys.length) {
    for (const chunk of chunks) {
      if (!chunk.hasAccruals || steps.isSettled(chunk)) continue;
      addAccrued(chunk, asked, { base: steps.base, change });
    }
  }
  stages.end("accrue");
  query.profiler?.plan?.(planOf(asked, data, steps));
  return {
    groups: groupColumns(asked, steps, { change, aggregates: columns }),
    groupsTotal: groups.total,
    ...(rolledUpTo === undefined ? {} : { rolledUpTo }),
  };
}

function askedQuery(
  query: BucketQuery,
  { cells, rows, firstStarts, groupings }: Queried,
): AskedQuery {
  const { chunks } = rows;
  const periods = periodsOf(query);
  const grouping = groupings.of(query, cells);
  const groups = askedGroups(grouping, query, { cells, firstStarts: firstStarts.among(chunks) });
  const rolledUpTo = latestRollup(chunks, groups, periods);
  return { query, periods, groups, chunks, rolledUpTo };
}

function checkSize({ query, groups, periods }: AskedQuery): void {
  const numbers = groups.keys.length * periods.count * (2 + query.aggregates.length);
  if (numbers > query.numbersMax) throw limitExceeded("numbersMax", query.numbersMax, numbers);
}

function groupColumns(
  { groups, periods }: AskedQuery,
  steps: StepColumns,
  { change, aggregates }: Pick<GroupColumns, "change" | "aggregates">,
): GroupColumns[] {
  const counts = steps.counts();
  return groups.keys.map((key, group) => {
    const own = (column: Float64Array): Float64Array =>
      column.subarray(group * periods.count, (group + 1) * periods.count);
    return {
      key,
      base: steps.base[group] as number,
      change: own(change),
      count: own(counts),
      aggregates: aggregates.map(own),
    };
  });
}

function planOf(
  { groups, chunks }: AskedQuery,
  { rows, cells }: Queried,
  { looked }: StepColumns,
): string {
  return [
    `${rows.size} series in ${chunks.length} chunks`,
    `${looked.summaries} chunks by their sums, ${looked.rows} series one by one`,
    `${cells.size} cells, ${groups.keys.length} of ${groups.total} groups`,
  ].join("; ");
}
