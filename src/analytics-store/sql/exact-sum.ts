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

/** As a double, infinite where it is none. */
export const exactDouble: RawBuilder<unknown> = sql`case
  when ${decimals} > ${sql.raw(String(BigInt(Number.MAX_VALUE)))} then 'Infinity'::float8
  when ${decimals} < ${sql.raw(String(-BigInt(Number.MAX_VALUE)))} then '-Infinity'::float8
  else (${decimals})::float8 end`;
