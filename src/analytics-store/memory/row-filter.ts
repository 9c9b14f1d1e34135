import type { SeriesFilter } from "../analytics-store.ts";
import type { Cells } from "../cells.ts";
import type { Interned } from "../interned.ts";
import { pathMatcher } from "../path-patterns.ts";
import type { Row } from "./row.ts";

/** A filter in numbers: by cell, by source, by id, by start. */
export interface RowFilter {
  /** 1 for each cell that is meant. */
  readonly cells: Uint8Array;
  /** 1 for each source that is meant; undefined: all are. */
  readonly sources: Uint8Array | undefined;
  readonly ids: ReadonlySet<number> | undefined;
  readonly from: number;
  readonly before: number;
}

export function rowFilter(
  filter: SeriesFilter,
  { cells, sources }: { readonly cells: Cells; readonly sources: Interned },
): RowFilter {
  return {
    cells: cells.matching(filter),
    sources: filter.sources === undefined ? undefined : sources.where(pathMatcher(filter.sources)),
    ids: filter.ids === undefined ? undefined : new Set(filter.ids),
    from: filter.from ?? Number.NEGATIVE_INFINITY,
    before: filter.before ?? Number.POSITIVE_INFINITY,
  };
}

export const meansRow = (filter: RowFilter, row: Row): boolean =>
  filter.cells[row.cell] === 1 &&
  (filter.sources === undefined || filter.sources[row.source] === 1) &&
  (filter.ids === undefined || filter.ids.has(row.id)) &&
  row.start >= filter.from &&
  row.start < filter.before;
