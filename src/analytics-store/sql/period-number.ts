import { type RawBuilder, sql } from "kysely";
import { numbersLiteral } from "./array-literal.ts";

export interface Periods {
  /** Rising; each period is from one to just before the next. */
  readonly boundaries: Float64Array;
  /** No start is at this instant or later ... */
  readonly before: number;
  /** ... or earlier than this one; undefined: there is no bound. */
  readonly from: number | undefined;
}

/**
 * In which period a start is: 0 is before the first, and the number of boundaries after the last. Where there are many and all are as long,
 * as days and hours of UTC are, a division takes half as long as a search.
 */
export const periodNumber = (periods: Periods): RawBuilder<unknown> =>
  divided(periods) ??
  sql`width_bucket(start::float8, ${numbersLiteral(periods.boundaries)}::float8[])`;

function divided({ boundaries, before, from }: Periods): RawBuilder<unknown> | undefined {
  const length = evenLength(boundaries);
  if (from === undefined || length === undefined) return undefined;
  const first = boundaries[0] as number;
  // A quotient of integers is cut towards 0: it is taken of what cannot be negative.
  const earlier = Math.max(0, Math.ceil((first - from) / length));
  const origin = first - earlier * length;
  const isExact = Number.isSafeInteger(origin) && (before - origin) / length < intMax;
  if (!isExact) return undefined;
  let number = sql`(((start - ${origin}::bigint) / ${length}::bigint)::int + ${1 - earlier}::int)`;
  if (earlier > 0) number = sql`greatest(${number}, 0)`;
  if (before > (boundaries.at(-1) as number)) {
    number = sql`least(${number}, ${boundaries.length}::int)`;
  }
  return number;
}

function evenLength(boundaries: Float64Array): number | undefined {
  if (boundaries.length < dividedMin) return undefined;
  const length = (boundaries[1] as number) - (boundaries[0] as number);
  if (!Number.isSafeInteger(length)) return undefined;
  for (let at = 2; at < boundaries.length; at++) {
    if ((boundaries[at] as number) - (boundaries[at - 1] as number) !== length) return undefined;
  }
  return length;
}

/** Of fewer boundaries a search is as fast. */
const dividedMin = 32;
/** What an int can hold. */
const intMax = 2 ** 31 - 1;
