import { limitExceeded } from "../../errors.ts";
import { periodOf } from "../accrual.ts";
import type { BucketAnswer, BucketQuery } from "../analytics-store.ts";
import type { Cells } from "../cells.ts";
import { BucketColumns } from "./bucket-columns.ts";
import { isRollup } from "./retention.ts";
import type { Row } from "./row.ts";

/** Answers the query of rows that come by start and id. */
export function bucketAnswer(
  query: BucketQuery,
  cells: Cells,
  rows: readonly Row[],
): Omit<BucketAnswer, "revision"> {
  const { boundaries, boundary, numbersMax } = query;
  const periods = boundaries.length - 1;
  const select = [...(query.filter.select ?? []), ...query.select];
  const { groupOf, keys } = cells.grouping(
    cells.matching({ ...query.filter, select }),
    query.select,
  );
  const from = query.slice?.from ?? 0;
  const end = from + (query.slice?.count ?? keys.length);
  const meant = rows.filter(({ start, cell }) => {
    const group = groupOf[cell] as number;
    return group >= 0 && group >= from && group < end && start < query.before;
  });
  const present = new Set(meant.map(({ cell }) => groupOf[cell] as number));
  const numbers = present.size * periods * (2 + query.aggregates.length);
  if (numbers > numbersMax) throw limitExceeded("numbersMax", numbersMax, numbers);

  const columns = new Map([...present].map((group) => [group, new BucketColumns(query)]));
  let rolledUpTo: number | undefined;
  for (const row of meant) {
    columns.get(groupOf[row.cell] as number)?.add(row, cells.fnOf(row.cell) === "DssVest");
    if (isRollup(row) && periodOf(boundaries, row.start, boundary) < periods)
      rolledUpTo = row.start;
  }
  const groups = keys.flatMap((key, group) => columns.get(group)?.columns(key) ?? []);
  return { groups, groupsTotal: keys.length, ...(rolledUpTo === undefined ? {} : { rolledUpTo }) };
}
