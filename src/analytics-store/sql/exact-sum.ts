import { type RawBuilder, sql } from "kysely";
import { problemOf } from "./sql-errors.ts";

/**
 * Runs the attempt, and again with `exact` when it met a sum beyond all doubles: an infinity to the other engines, an error to PostgreSQL. Exact sums
 * are decimals, and slow.
 */
export async function exactIfNeeded<T>(attempt: (exact: boolean) => Promise<T>): Promise<T> {
  try {
    return await attempt(false);
  } catch (error) {
    if (problemOf((error as Error).cause) === "overflow") return attempt(true);
    throw error;
  }
}

/** By way of text: a cast alone keeps 15 digits. */
export const decimals: RawBuilder<unknown> = sql`sum(value::text::numeric)`;

/** Decimals as a double, infinite where it is none. To PostgreSQL what is no number is the greatest one. */
export const exactDouble = (of: RawBuilder<unknown>): RawBuilder<unknown> => sql`case
  when ${of} = 'NaN' then 'NaN'::float8
  when ${of} > ${sql.raw(String(BigInt(Number.MAX_VALUE)))} then 'Infinity'::float8
  when ${of} < ${sql.raw(String(-BigInt(Number.MAX_VALUE)))} then '-Infinity'::float8
  else (${of})::float8 end`;
