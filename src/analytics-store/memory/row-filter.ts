import type { SeriesFilter } from "../analytics-store.ts";
import type { Cells } from "../cells.ts";
import type { Interned } from "../interned.ts";
import { pathMatcher } from "../path-patterns.ts";
import type { Chunk } from "./chunk.ts";
import { firstNotBelow } from "./sorted-search.ts";

/** A filter in numbers: by cell, by source, by id, by start. */
export interface RowFilter {
  /** 1 for each cell that is meant. */
  readonly cells: Uint8Array;
  /** 1 for each source that is meant; undefined: all are. */
  readonly sources: Uint8Array | undefined;
  readonly ids: ReadonlySet<number> | undefined;
  readonly idMin: number;
  readonly idMax: number;
  readonly from: number;
  readonly before: number;
}

export function rowFilter(
  { ids, sources, from, before, ...filter }: SeriesFilter,
  known: { readonly cells: Cells; readonly sources: Interned },
): RowFilter {
  return {
    cells: known.cells.matching(filter),
    sources: sources === undefined ? undefined : known.sources.where(pathMatcher(sources)),
    ids: ids === undefined ? undefined : new Set(ids),
    idMin: ids?.reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY) ?? 0,
    idMax: ids?.reduce((a, b) => Math.max(a, b), 0) ?? Number.POSITIVE_INFINITY,
    from: from ?? Number.NEGATIVE_INFINITY,
    before: before ?? Number.POSITIVE_INFINITY,
  };
}

/** Whether the filter means a row of those that `rangeOf` answers. */
export function meansRow(
  { cells, sources, ids, idMin, idMax }: RowFilter,
  chunk: Chunk,
  at: number,
): boolean {
  if (cells[chunk.cells[at] as number] === 0) return false;
  if (sources !== undefined && sources[chunk.sources[at] as number] === 0) return false;
  if (ids === undefined) return true;
  const id = chunk.ids[at] as number;
  return id >= idMin && id <= idMax && ids.has(id);
}

/** Whether there may be a row in the chunk that the filter means: quicker to tell than which. */
export function mayMean({ from, before, ids, idMin, idMax }: RowFilter, chunk: Chunk): boolean {
  if (chunk.latest < from || chunk.earliest >= before) return false;
  if (ids === undefined) return true;
  if (chunk.greatestId < idMin || chunk.leastId > idMax) return false;
  const { ids: own, length } = chunk;
  for (let at = 0; at < length; at++) {
    const id = own[at] as number;
    if (id >= idMin && id <= idMax && ids.has(id)) return true;
  }
  return false;
}

/** Whether a row begins when the filter says. */
export function isInTime({ from, before }: RowFilter, { starts }: Chunk, at: number): boolean {
  const start = starts[at] as number;
  return start >= from && start < before;
}

/** The rows of the chunk that begin when the filter says. */
export function rangeOf(
  { from, before }: RowFilter,
  { starts, length }: Chunk,
): { readonly low: number; readonly high: number } {
  const low = firstNotBelow(starts, from, { high: length });
  return { low, high: firstNotBelow(starts, before, { low, high: length }) };
}
