import type { CheckedSeries } from "../series.ts";
import { costOfDimension } from "./dimension-table.ts";
import { bytesOfExtra, extraOf } from "./row.ts";
import { bytesPerCell, bytesPerSource, type TenantRows } from "./tenant-rows.ts";

/** What a batch takes at most, if every series has a cell and a source of its own. Cheap to tell, and mostly enough to know. */
export function mostBytesOf(series: readonly CheckedSeries[]): number {
  let bytes = series.length * (bytesPerNewRow + bytesPerCell + bytesPerSource);
  for (const one of series) {
    for (const [name, path] of one.dimensions) bytes += costOfDimension(name, path);
    bytes += beside(one);
  }
  return bytes;
}

/** What it takes beside what the tenant has. */
export function bytesOf(series: readonly CheckedSeries[], { cells, sources }: TenantRows): number {
  const newCells = new Set<string>();
  const newSources = new Set<string>();
  let bytes = series.length * bytesPerNewRow;
  for (const one of series) {
    bytes += beside(one);
    if (!sources.has(one.source)) newSources.add(one.source);
    if (cells.find(one) !== undefined) continue;
    const { metric, unit, fn, dimensions } = one;
    const text = JSON.stringify([metric, unit, fn, dimensions]);
    if (newCells.has(text)) continue;
    newCells.add(text);
    for (const [name, path] of dimensions) bytes += costOfDimension(name, path);
  }
  return bytes + newCells.size * bytesPerCell + newSources.size * bytesPerSource;
}

function beside(series: CheckedSeries): number {
  const extra = extraOf(series);
  let bytes = extra === undefined ? 0 : bytesOfExtra(extra);
  for (const { label = "", icon = "", description = "" } of series.dimensionMetadata) {
    bytes += 2 * (label.length + icon.length + description.length);
  }
  return bytes;
}

/** Its columns, with the room that chunks keep for more and halves that are split off. */
const bytesPerNewRow = 48;
