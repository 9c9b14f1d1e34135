import { type RawBuilder, sql } from "kysely";
import type { BucketQuery } from "../analytics-store.ts";
import { instant, numbersLiteral } from "./array-literal.ts";

export interface VestingRow {
  readonly cell: number;
  readonly start: unknown;
  readonly end: unknown;
  readonly cliff: unknown;
  readonly value: number;
}

/** What vests, of the groups asked for. */
export const vestingStatement = (
  tenant: number,
  { before }: BucketQuery,
  vesting: readonly number[],
): RawBuilder<VestingRow> => sql<VestingRow>`select cell, start, "end", cliff, value
  from tiffin_analytics.series
  where tenant = ${tenant} and cell = any(${numbersLiteral(vesting)}::int[])
    and start < ${instant(before)}::bigint
  order by id`;
