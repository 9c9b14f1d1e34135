import type { BucketAnswer, BucketQuery } from "../analytics-store.ts";
import { type AskedCells, askedCells } from "./asked-cells.ts";
import { BucketColumns } from "./bucket-answer.ts";
import { rightOpen, vestedBefore } from "./bucket-columns.ts";
import { bucketRows, bucketStatement } from "./bucket-statement.ts";
import { explain } from "./explain.ts";
import type { Past } from "./remembered-pasts.ts";
import { Stopwatch } from "./stopwatch.ts";
import type { TenantWork } from "./tenant-database.ts";
import { vestingStatement } from "./vesting-statement.ts";

/** `exact`: the first attempt met sums that are no doubles. */
export async function queryBuckets(
  work: TenantWork,
  query: BucketQuery,
  exact: boolean,
): Promise<BucketAnswer> {
  const { statements, row, known } = work;
  const watch = new Stopwatch(query.profiler);
  const asked = askedCells(known.cells, query);
  watch.lap("cells");
  if (!asked.matches.includes(1)) return noGroups(asked, row.revision);
  const past = exact ? undefined : await pastOf(work, query);
  if (past !== undefined) watch.lap("past");
  const buckets = { query, asked, exact, from: past?.before };
  const statement = bucketStatement(row.id, buckets);
  const rows = bucketRows(query, await statements.first(statement));
  watch.lap("sql");
  const columns = new BucketColumns(query, asked, { rows, past });
  if (asked.vesting.length > 0) {
    const vesting = vestingStatement(row.id, buckets, vestedBefore(buckets));
    columns.addVesting(await statements.rows(vesting));
    watch.lap("vesting");
  }
  const answer = { ...columns.answer(), revision: row.revision };
  watch.lap("columns");
  if (query.profiler?.plan !== undefined) query.profiler.plan(await explain(statements, statement));
  return answer;
}

async function pastOf(work: TenantWork, query: BucketQuery): Promise<Past | undefined> {
  const past = await work.known.pasts.before(work, rightOpen(query)[0] as number);
  return past !== undefined && past.before <= query.before ? past : undefined;
}

const noGroups = ({ keys }: AskedCells, revision: number): BucketAnswer => ({
  ...{ groups: [], groupsTotal: keys.length, revision },
});
