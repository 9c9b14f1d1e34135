import { bytesOfDimension } from "../cell-dimensions.ts";
import { mostBytesOfCell } from "../cells.ts";
import { bytesOfText } from "../interned.ts";
import type { CheckedSeries } from "../series.ts";
import { bytesOfCommit } from "./change-history.ts";
import { costOfDimension } from "./dimension-table.ts";
import type { NewRows } from "./new-rows.ts";
import { bytesPerRequest } from "./remembered-requests.ts";
import { bytesOfExtra, extraOf } from "./row.ts";
import { bytesPerSource, type TenantRows } from "./tenant-rows.ts";

/** What a batch takes at most, if every row that was not told has a cell and a source of its own. Cheap to tell, and mostly enough to know. */
export function mostBytesOf({ starts, checked }: NewRows, { rows }: TenantRows): number {
  const names = new Set<string>();
  let bytes = bytesPerRequest + bytesOfCommit(starts.length) + rows.mostGrowthBy(starts.length);
  for (const one of checked.values()) {
    for (const [name] of one.dimensions) names.add(name);
    bytes += costOfSource(one.source) + costOfCell(one) + beside(one);
  }
  return bytes + sumOf(names, bytesOfDimension);
}

/** What it takes beside what the tenant has. */
export function bytesOf(batch: NewRows, all: TenantRows): number {
  const { starts, checked } = batch;
  const { cells, sources, rows } = all;
  const newCells = new Map<string, CheckedSeries>();
  const newSources = new Set<string>();
  for (const one of checked.values()) {
    if (!sources.has(one.source)) newSources.add(one.source);
    const cell = cells.find(one);
    if (cell !== undefined && all.entered.get(cell) === 1) continue;
    const { metric, unit, fn, dimensions } = one;
    newCells.set(JSON.stringify([metric, unit, fn, dimensions]), one);
  }
  const names = new Set([...newCells.values()].flatMap(({ dimensions }) => dimensions.map(nameOf)));
  const newNames = [...names].filter((name) => !cells.hasDimension(name));
  return (
    bytesPerRequest +
    bytesOfCommit(sourcesOf(batch)) +
    rows.growthBy(starts) +
    sumOf(checked.values(), beside) +
    sumOf(newSources, costOfSource) +
    sumOf(newCells.values(), costOfCell) +
    sumOf(newNames, bytesOfDimension)
  );
}

/** How many there are, or some more. */
function sourcesOf({ sources, checked }: NewRows): number {
  return new Set(sources).size + new Set(checked.values().map(({ source }) => source)).size;
}

const nameOf = ([name]: CheckedSeries["dimensions"][number]): string => name;

function sumOf<T>(all: Iterable<T>, costOf: (one: T) => number): number {
  let bytes = 0;
  for (const one of all) bytes += costOf(one);
  return bytes;
}

const costOfSource = (source: string): number => bytesPerSource + bytesOfText(source);

function costOfCell(series: CheckedSeries): number {
  let bytes = mostBytesOfCell(series);
  for (const [name, path] of series.dimensions) bytes += costOfDimension(name, path);
  return bytes;
}

function beside(series: CheckedSeries): number {
  const extra = extraOf(series);
  let bytes = extra === undefined ? 0 : bytesOfExtra(extra);
  for (const metadata of series.dimensionMetadata) {
    const { dimension, path, label = "", icon = "", description = "" } = metadata;
    bytes += costOfDimension(dimension, path);
    bytes += 2 * (label.length + icon.length + description.length);
  }
  return bytes;
}
