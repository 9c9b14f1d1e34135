import type { CellFilter, GroupKey, Selection } from "./analytics-store.ts";
import { CellColumn } from "./cell-column.ts";
import { CellDimensions, mostBytesPerDimension } from "./cell-dimensions.ts";
import { type GroupedColumn, groupedBy } from "./grouped-by.ts";
import { bytesOfText, Interned } from "./interned.ts";
import { bytesPerPair, NumberedPairs } from "./numbered-pairs.ts";
import { absentPath, atLevel } from "./path.ts";
import { pathMatcher } from "./path-patterns.ts";
import type { NewSeries, StoredSeries } from "./series.ts";

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
  readonly #metrics = new Interned();
  readonly #units = new Interned();
  readonly #metricOf = new CellColumn();
  readonly #unitOf = new CellColumn();
  readonly #fns: Cell["fn"][] = [];
  readonly #ofFunction = { Single: [], DssVest: [], Rollup: [] } as Record<Cell["fn"], number[]>;
  readonly #dimensions = new CellDimensions();
  /** From what cells are made of, number by number, to what they end in. */
  readonly #nodes = new NumberedPairs();
  /** By node the cell's number and 1; 0: none ends there. */
  readonly #endingAt = new CellColumn();

  get size(): number {
    return this.#fns.length;
  }

  /** About what they take. They are never forgotten. */
  get bytes(): number {
    return (
      this.size * bytesPerCell +
      this.#nodes.size * bytesPerPair +
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
  numberOf(cell: Cell): number {
    const node = this.#nodeOf(cell);
    const there = this.#endingAt.get(node) - 1;
    if (there >= 0) return there;
    const number = this.#fns.length;
    this.#endingAt.set(node, number + 1);
    this.#fns.push(cell.fn);
    this.#ofFunction[cell.fn].push(number);
    this.#metricOf.set(number, this.#metrics.numberOf(cell.metric));
    this.#unitOf.set(number, this.#units.numberOf(cell.unit));
    this.#dimensions.push(cell.dimensions);
    return number;
  }

  /** The number of a cell that is there; undefined: it is not. */
  find({ metric, unit, fn, dimensions }: Cell): number | undefined {
    const nodes = this.#nodes;
    let node = this.#findKind(metric, unit, fn);
    // Taking pairs apart by their places is faster than by a pattern, and this runs for each series that is added.
    for (const pair of dimensions) {
      node = nodes.find(node, this.#dimensions.findPlace(pair[0], pair[1]));
    }
    return this.#endingIn(node);
  }

  /**
   * The same of a `Single` as it was given, unchecked, with its dimensions' names in order. Nothing else has to be checked of what is found: its texts are those
   * that a cell was made of.
   */
  findGiven(
    { metric, unit = "", dimensions = {} }: Pick<NewSeries, "metric" | "unit" | "dimensions">,
    names: readonly string[],
  ): number | undefined {
    let node = this.#findKind(metric, unit, "Single");
    for (const name of names) {
      node = this.#nodes.find(node, this.#dimensions.findPlace(name, dimensions[name] as string));
    }
    return this.#endingIn(node);
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

  #findKind(metric: string, unit: string, fn: Cell["fn"]): number {
    const ofMetric = this.#nodes.find(root, this.#metrics.find(metric));
    return this.#nodes.find(
      this.#nodes.find(ofMetric, this.#units.find(unit)),
      functions.indexOf(fn),
    );
  }

  #endingIn(node: number): number | undefined {
    const cell = node < 0 ? 0 : this.#endingAt.get(node);
    return cell === 0 ? undefined : cell - 1;
  }

  /** Makes what is not there. */
  #nodeOf({ metric, unit, fn, dimensions }: Cell): number {
    let node = this.#nodes.numberOf(root, this.#metrics.numberOf(metric));
    node = this.#nodes.numberOf(node, this.#units.numberOf(unit));
    node = this.#nodes.numberOf(node, functions.indexOf(fn));
    for (const [name, path] of dimensions) {
      node = this.#nodes.numberOf(node, this.#dimensions.placeOf(name, path));
    }
    return node;
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
export function mostBytesOfCell({ metric, unit, dimensions }: Cell): number {
  let bytes = bytesPerCell + 3 * bytesPerPair + bytesOfText(metric) + bytesOfText(unit);
  for (const [, path] of dimensions) {
    bytes += bytesPerPair + mostBytesPerDimension + bytesOfText(path);
  }
  return bytes;
}

/** In columns with room for more, and in those that an engine has of its own. */
const bytesPerCell = 80;
const root = 0;
const functions: readonly Cell["fn"][] = ["Single", "DssVest", "Rollup"];

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
