import type { CellFilter, GroupKey, Selection } from "./analytics-store.ts";
import { CellColumn } from "./cell-column.ts";
import { bytesPerPlace, CellDimensions } from "./cell-dimensions.ts";
import { type CellNames, CellTree } from "./cell-tree.ts";
import { type GroupedColumn, groupedBy } from "./grouped-by.ts";
import { bytesOfText, Interned } from "./interned.ts";
import { absentPath, atLevel } from "./path.ts";
import { pathMatcher } from "./path-patterns.ts";
import type { StoredSeries } from "./series.ts";

/** What many series are alike in: all that groups are made of, and how their values come about. */
export type Cell = Pick<StoredSeries, "metric" | "unit" | "fn" | "dimensions">;

/** For each cell its group, -1: none; and what the groups are, in the order in which they were first seen. */
export interface Grouping {
  readonly groupOf: Int32Array;
  readonly keys: readonly GroupKey[];
}

/**
 * A tenant's cells, numbered from 0 in the order in which they were first seen. Every engine finds and groups series by their cells, with this code:
 * no engine matches paths itself.
 */
export class Cells {
  readonly #tree = new CellTree();
  readonly #metrics = new Interned();
  readonly #units = new Interned();
  readonly #metricOf = new CellColumn();
  readonly #unitOf = new CellColumn();
  readonly #fns: Cell["fn"][] = [];
  readonly #ofFunction = { Single: [], DssVest: [], Rollup: [] } as Record<Cell["fn"], number[]>;
  readonly #dimensions = new CellDimensions();

  get size(): number {
    return this.#fns.length;
  }

  /** About what they take. They are never forgotten. */
  get bytes(): number {
    return (
      this.size * bytesPerCell +
      this.#tree.size * bytesPerNode +
      this.#dimensions.bytes +
      this.#metrics.bytes +
      this.#units.bytes
    );
  }

  /** Whether any cell ever had the dimension. */
  hasDimension(name: string): boolean {
    return this.#dimensions.find(name) !== undefined;
  }

  /** The cell's number; a new one if there is none. */
  numberOf(cell: CellNames): number {
    const place = this.#tree.at(cell);
    if (place.number !== undefined) return place.number;
    const number = this.#fns.length;
    place.number = number;
    this.#fns.push(cell.fn);
    this.#ofFunction[cell.fn].push(number);
    this.#metricOf.set(number, this.#metrics.numberOf(cell.metric));
    this.#unitOf.set(number, this.#units.numberOf(cell.unit));
    this.#dimensions.push(cell.dimensions);
    return number;
  }

  /** The number of a cell that is there; undefined: it is not. */
  find(cell: Cell): number | undefined {
    return this.#tree.find(cell);
  }

  at(number: number): Cell {
    return {
      metric: this.metricOf(number),
      unit: this.unitOf(number),
      fn: this.fnOf(number),
      dimensions: this.#dimensions.of(number),
    };
  }

  metricOf(number: number): string {
    return this.#metrics.at(this.#metricOf.get(number));
  }

  unitOf(number: number): string {
    return this.#units.at(this.#unitOf.get(number));
  }

  fnOf(number: number): Cell["fn"] {
    return this.#fns[number] as Cell["fn"];
  }

  /** The cells whose values come about so, in order. */
  ofFunction(fn: Cell["fn"]): readonly number[] {
    return this.#ofFunction[fn];
  }

  /** By path the cells that have it in the dimension, in order; of these paths alone. */
  cellsOfPaths(dimension: string, paths: readonly string[]): Map<string, number[]> {
    const cells = new Map<string, number[]>(paths.map((path) => [path, []]));
    const there = this.#dimensions.find(dimension);
    if (there === undefined) return cells;
    const byNumber = there.paths.all.map((path) => cells.get(path));
    for (let cell = 0; cell < this.size; cell++) byNumber[there.pathOf.get(cell) - 1]?.push(cell);
    return cells;
  }

  /** 1 for each cell that the filter means, else 0. */
  matching(filter: CellFilter): Uint8Array {
    const { size } = this;
    const matches = new Uint8Array(size).fill(1);
    const narrow = (column: CellColumn, isMeant: Uint8Array): void => {
      for (let cell = 0; cell < size; cell++) {
        if (isMeant[column.get(cell)] === 0) matches[cell] = 0;
      }
    };
    if (filter.metrics !== undefined) {
      narrow(this.#metricOf, this.#metrics.where(oneOf(filter.metrics, filter.metricsIgnoreCase)));
    }
    if (filter.units !== undefined) narrow(this.#unitOf, this.#units.where(oneOf(filter.units)));
    for (const { dimension, patterns } of filter.select ?? []) {
      const isMeant = pathMatcher(patterns);
      const there = this.#dimensions.find(dimension);
      if (there !== undefined) narrow(there.pathOf, meantPaths(there.paths, isMeant));
      else if (!isMeant(absentPath)) matches.fill(0);
    }
    return matches;
  }

  /** The groups of the cells that `matches` has, by the selected dimensions, metric and unit. */
  grouping(matches: Uint8Array, select: readonly Selection[]): Grouping {
    const labels = select.map((selection) => this.#labelsOf(selection));
    const { groupOf, firsts } = groupedBy(matches, [
      ...labels,
      { column: this.#metricOf, labelOf: undefined, radix: this.#metrics.size },
      { column: this.#unitOf, labelOf: undefined, radix: this.#units.size },
    ]);
    const keys = firsts.map((cell) => ({
      paths: labels.map(
        ({ texts, labelOf, column }) => texts[labelOf[column?.get(cell) ?? 0] as number] as string,
      ),
      metric: this.metricOf(cell),
      unit: this.unitOf(cell),
    }));
    return { groupOf, keys };
  }

  /** For each path of the dimension (0: none) the number of what it is at the level of detail. */
  #labelsOf({ dimension, levelOfDetail }: Selection): Labels {
    const there = this.#dimensions.find(dimension);
    const texts = new Interned();
    const labelOf = new Int32Array((there?.paths.size ?? 0) + 1);
    labelOf[0] = texts.numberOf(atLevel(absentPath, levelOfDetail));
    for (let path = 1; path < labelOf.length; path++) {
      labelOf[path] = texts.numberOf(atLevel(there?.paths.at(path - 1) as string, levelOfDetail));
    }
    return { texts: texts.all, labelOf, column: there?.pathOf, radix: texts.size };
  }
}

/** What a cell takes at most that is new, but for dimensions that are. */
export function mostBytesOfCell({ metric, unit, dimensions }: CellNames): number {
  let bytes = bytesPerCell + 3 * bytesPerNode + bytesOfText(metric) + bytesOfText(unit);
  for (const [, path] of dimensions) bytes += 2 * bytesPerNode + bytesPerPlace + bytesOfText(path);
  return bytes;
}

/** In columns; and a place in the tree, with its share of a table. */
const bytesPerCell = 60;
const bytesPerNode = 90;

interface Labels extends GroupedColumn {
  readonly texts: readonly string[];
  readonly labelOf: Int32Array;
}

function oneOf(
  names: readonly string[],
  ignoreCase: boolean | undefined = false,
): (name: string) => boolean {
  const plain = (name: string): string => (ignoreCase ? name.toLowerCase() : name);
  const wanted = new Set(names.map(plain));
  return (name) => wanted.has(plain(name));
}

function meantPaths(paths: Interned, isMeant: (path: string) => boolean): Uint8Array {
  const meant = new Uint8Array(paths.size + 1);
  meant[0] = isMeant(absentPath) ? 1 : 0;
  meant.set(paths.where(isMeant), 1);
  return meant;
}
