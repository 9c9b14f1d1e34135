import { type RawBuilder, sql } from "kysely";
import type { BucketQuery } from "../analytics-store.ts";
import { instant, numbersLiteral } from "./array-literal.ts";
import type { AskedCells } from "./asked-cells.ts";

export interface VestingRow {
  readonly cell: number;
  readonly start: unknown;
  readonly end: unknown;
  readonly cliff: unknown;
  readonly value: number;
}

/** That all of what vests has come about before: it is added up by the database as what does not vest. */
export const isVested = (before: number): RawBuilder<boolean> =>
  sql<boolean>`greatest("end", cliff) < ${instant(before)}::bigint`;

/** What vests of the groups asked for, but for what is vested at the instant. */
export const vestingStatement = (
  tenant: number,
  { query, asked }: { readonly query: BucketQuery; readonly asked: AskedCells },
  vestedBefore: number,
): RawBuilder<VestingRow> => sql<VestingRow>`select cell, start, "end", cliff, value
  from tiffin_analytics.series
  where tenant = ${tenant} and cell = any(${numbersLiteral(asked.vesting)}::int[])
    and start < ${instant(query.before)}::bigint and not ${isVested(vestedBefore)}
  order by id`;
