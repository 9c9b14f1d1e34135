import { type Accrual, vesting } from "../accrual.ts";
import { bytesOfText } from "../interned.ts";
import type { CheckedSeries, RollupParts } from "../series.ts";

/** What few series have beside their numbers. */
export interface RowExtra {
  readonly end?: number | undefined;
  /** As JSON: as objects they may take twenty times as much, and whoever has them could change them. */
  readonly params?: string | undefined;
  /** Of a `DssVest`. */
  readonly accrual?: Accrual | undefined;
  /** Of a `Rollup` of several. */
  readonly parts?: RollupParts | undefined;
}

/** A series as it is kept: source and cell by their numbers. */
export interface Row {
  readonly id: number;
  readonly source: number;
  readonly cell: number;
  readonly start: number;
  readonly value: number;
  readonly extra?: RowExtra | undefined;
  readonly isRollup?: boolean | undefined;
}

/** Of what begins at one instant rollups come before all ids, and have one rank: which of them was first is not known any more. */
export const rankOfRollups = 0;

/** What a row counts as that is a rollup of one, or none. */
export const singlePart = (start: number, value: number): RollupParts => ({
  count: 1,
  firstStart: start,
  min: value,
  max: value,
  first: value,
  last: value,
});

export function extraOf(series: CheckedSeries): RowExtra | undefined {
  const { fn, start, end, value, cliff } = series;
  const params = series.params && JSON.stringify(series.params);
  if (end === undefined) return params === undefined ? undefined : { params };
  if (fn !== "DssVest") return { end, params };
  return { end, params, accrual: vesting(value, start, { end, cliff }) };
}

/** About what it takes: an object, its place in a map, and what it says. */
export const bytesOfExtra = ({ params, accrual, parts }: RowExtra): number =>
  bytesPerExtra +
  (params === undefined ? 0 : bytesOfText(params)) +
  (accrual === undefined ? 0 : bytesPerAccrual) +
  (parts === undefined ? 0 : bytesPerParts);

const bytesPerExtra = 120;
const bytesPerAccrual = 80;
const bytesPerParts = 100;
