import type { JsonObject, RollupParts } from "../series.ts";

/** What few series have beside their numbers. */
export interface RowExtra {
  readonly end: number | undefined;
  /** Of a `DssVest`. */
  readonly cliff: number | undefined;
  readonly params: JsonObject | undefined;
  /** Of a `Rollup`. */
  readonly parts: RollupParts | undefined;
}

/** A series as it is kept: source and cell by their numbers. */
export interface Row {
  readonly id: number;
  readonly source: number;
  readonly cell: number;
  readonly start: number;
  readonly value: number;
  readonly extra: RowExtra | undefined;
}

/** What the row counts as: a rollup as what it is made of, everything else as itself. */
export function partsOf({ start, value, extra }: Row): RollupParts {
  if (extra?.parts !== undefined) return extra.parts;
  return { count: 1, firstStart: start, min: value, max: value, first: value, last: value };
}
