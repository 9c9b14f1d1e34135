import type { CheckedSeries, RollupParts, StoredSeries } from "../../src/analytics-store/series.ts";

/** A series as the naive store keeps it: everything in one object. */
export interface NaiveRow extends StoredSeries {
  /** Of a `DssVest`. */
  readonly cliff: number | undefined;
  /** Of a `Rollup`. */
  readonly parts: RollupParts | undefined;
}

/** What groups are made of. */
export type NaiveCell = Pick<NaiveRow, "metric" | "unit" | "dimensions">;

export function rowOf(series: CheckedSeries, id: number): NaiveRow {
  const { dimensionMetadata: _, ...kept } = series;
  return { id, ...kept, parts: undefined };
}

export const storedOf = ({ cliff: _, parts: __, ...stored }: NaiveRow): StoredSeries => stored;

/** What a series counts as: a rollup as what it is made of, everything else as itself. */
export function partsOf({ parts, start, value }: NaiveRow): RollupParts {
  if (parts !== undefined) return parts;
  return { count: 1, firstStart: start, min: value, max: value, first: value, last: value };
}

export const pathIn = ({ dimensions }: NaiveCell, dimension: string): string =>
  dimensions.find(([name]) => name === dimension)?.[1] ?? "?";

/** Of what begins at one instant rollups come first: they are made of what came before those that were kept. */
const rollupsFirst = (a: NaiveRow, b: NaiveRow): number =>
  Number(b.fn === "Rollup") - Number(a.fn === "Rollup");

export const byStart = (a: NaiveRow, b: NaiveRow): number =>
  a.start - b.start || rollupsFirst(a, b) || a.id - b.id;

/** The first part of a rollup counts; of several that begin at one instant nobody knows which was first, and the smallest is taken. */
export const byFirst = (a: NaiveRow, b: NaiveRow): number =>
  partsOf(a).firstStart - partsOf(b).firstStart ||
  rollupsFirst(a, b) ||
  amongRollups(a, partsOf(a).first - partsOf(b).first) ||
  a.id - b.id;

/** The last part of a rollup counts, of several of one instant the greatest. */
export const byLast = (a: NaiveRow, b: NaiveRow): number =>
  a.start - b.start ||
  rollupsFirst(a, b) ||
  amongRollups(a, partsOf(a).last - partsOf(b).last) ||
  a.id - b.id;

const amongRollups = ({ fn }: NaiveRow, order: number): number => (fn === "Rollup" ? order : 0);
