import type { BucketAnswer, BucketQuery } from "../analytics-store.ts";
import { type AskedCells, askedCells } from "./asked-cells.ts";
import { BucketColumns } from "./bucket-answer.ts";
import { bucketStatement, vestingStatement } from "./bucket-statement.ts";
import { explain } from "./explain.ts";
import { Stopwatch } from "./stopwatch.ts";
import type { TenantWork } from "./tenant-database.ts";

/** `exact`: the first attempt met sums that are no doubles. */
export async function queryBuckets(
  { statements, row, known }: TenantWork,
  query: BucketQuery,
  exact: boolean,
): Promise<BucketAnswer> {
  const watch = new Stopwatch(query.profiler);
  const asked = askedCells(known.cells, query);
  watch.lap("cells");
  if (!asked.matches.includes(1)) return noGroups(asked, row.revision);
  const statement = bucketStatement(row.id, { query, asked, exact });
  const rows = await statements.rows(statement);
  watch.lap("sql");
  const columns = new BucketColumns(query, asked, rows);
  if (asked.vesting.length > 0) {
    columns.addVesting(await statements.rows(vestingStatement(row.id, query, asked.vesting)));
    watch.lap("vesting");
  }
  const answer = { ...columns.answer(), revision: row.revision };
  watch.lap("columns");
  if (query.profiler !== undefined) query.profiler.plan(await explain(statements, statement));
  return answer;
}

const noGroups = ({ keys }: AskedCells, revision: number): BucketAnswer => ({
  ...{ groups: [], groupsTotal: keys.length, revision },
});
