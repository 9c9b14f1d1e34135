import type { CellFilter, SeriesFilter } from "../../src/analytics-store/analytics-store.ts";
import type { PathPatterns } from "../../src/analytics-store/path-patterns.ts";
import { type NaiveCell, type NaiveRow, pathIn } from "./naive-row.ts";

/** Whether everything that the filter says holds of the series. */
export const meansRow = (filter: SeriesFilter, row: NaiveRow): boolean =>
  meansCell(filter, row) &&
  (filter.ids?.includes(row.id) ?? true) &&
  (filter.sources === undefined || meansPath(filter.sources, row.source)) &&
  (filter.from === undefined || row.start >= filter.from) &&
  (filter.before === undefined || row.start < filter.before);

export function meansCell(filter: CellFilter, cell: NaiveCell): boolean {
  const { metrics, metricsIgnoreCase, units, select = [] } = filter;
  const plain = (name: string): string => (metricsIgnoreCase ? name.toLowerCase() : name);
  return (
    (metrics?.map(plain).includes(plain(cell.metric)) ?? true) &&
    (units?.includes(cell.unit) ?? true) &&
    select.every(({ dimension, patterns }) => meansPath(patterns, pathIn(cell, dimension)))
  );
}

const meansPath = ({ include, exclude }: PathPatterns, path: string): boolean =>
  (include.length === 0 || include.some((pattern) => meets(pattern, path))) &&
  !exclude.some((pattern) => meets(pattern, path));

/** Segment by segment: the path may go on, the pattern may not. No path at all is met by `?` alone. */
function meets(pattern: string, path: string): boolean {
  if (pattern === "?" || path === "?") return pattern === path;
  const segments = path.split("/");
  return pattern
    .split("/")
    .every((wanted, at) => at < segments.length && (wanted === "*" || wanted === segments[at]));
}

/** By whole segments, and no pattern. */
export const isAtOrBelow = (path: string, above: string): boolean =>
  `${path}/`.startsWith(`${above}/`);

export function cutToLevel(path: string, level: number | undefined): string {
  if (level === undefined || (path === "?" && level > 0)) return path;
  const segments = path.split("/");
  return Array.from({ length: level }, (_, at) => segments[at] ?? "*").join("/");
}
