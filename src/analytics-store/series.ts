import type { DimensionMetadata } from "./analytics-store.ts";

/** How a value comes about in time. */
export type SeriesFunction = "Single" | "DssVest";

export type Json =
  | null
  | boolean
  | number
  | string
  | readonly Json[]
  | { readonly [name: string]: Json };
export type JsonObject = { readonly [name: string]: Json };

/** A series to add, as it was given: `checked-series.ts` says what may stand in it. */
export interface NewSeries {
  readonly source: string;
  readonly metric: string;
  readonly start: number;
  readonly end?: number | undefined;
  readonly value: number;
  /** Empty or absent: without unit. */
  readonly unit?: string | undefined;
  /** Empty or absent: `Single`. */
  readonly fn?: string | undefined;
  /** `cliff`, an RFC 3339 instant, is of `DssVest`; everything else is only kept. */
  readonly params?: JsonObject | undefined;
  readonly dimensions?: Readonly<Record<string, string>> | undefined;
  readonly dimensionMetadata?: readonly DimensionMetadata[] | undefined;
}

/** A series that was found good: paths canonical, the cliff read. */
export interface CheckedSeries {
  readonly source: string;
  readonly metric: string;
  readonly start: number;
  readonly end: number | undefined;
  readonly value: number;
  readonly unit: string;
  readonly fn: SeriesFunction;
  readonly cliff: number | undefined;
  readonly params: JsonObject | undefined;
  /** By name, by code points. */
  readonly dimensions: readonly (readonly [name: string, path: string])[];
  readonly dimensionMetadata: readonly DimensionMetadata[];
}

/** What retention made of several series: `value` is their sum, `start` that of the last. */
export interface RollupParts {
  readonly count: number;
  /** When the first of them begins, for those that are added to the rollup later. */
  readonly firstStart: number;
  readonly min: number;
  readonly max: number;
  readonly first: number;
  readonly last: number;
}

/** A series as it is stored. */
export interface StoredSeries {
  readonly id: number;
  readonly source: string;
  readonly metric: string;
  readonly start: number;
  readonly end: number | undefined;
  readonly value: number;
  readonly unit: string;
  readonly fn: SeriesFunction | "Rollup";
  /** Of a rollup: its parts. */
  readonly params: JsonObject | undefined;
  readonly dimensions: readonly (readonly [name: string, path: string])[];
}
