import { CellColumn } from "./cell-column.ts";
import { byCodePoints } from "./code-points.ts";
import { bytesOfText, Interned } from "./interned.ts";
import type { StoredSeries } from "./series.ts";

/** A dimension's paths, and which of them each cell has: the path's number and 1; 0 is none. */
export interface Dimension {
  readonly name: string;
  readonly paths: Interned;
  readonly pathOf: CellColumn;
}

/** Which paths cells have: by dimension, to match and group them, and by cell. */
export class CellDimensions {
  readonly #byName = new Map<string, Dimension>();
  /** Those of one cell after the other: a tenant may have too many to look them all through for each cell. */
  readonly #ofCells: Dimension[] = [];
  /** By cell where its own end in there. */
  readonly #ends: number[] = [];
  #bytes = 0;

  /** About what they take. */
  get bytes(): number {
    return this.#bytes;
  }

  find(name: string): Dimension | undefined {
    return this.#byName.get(name);
  }

  /** Of the next cell. */
  push(dimensions: StoredSeries["dimensions"]): void {
    const cell = this.#ends.length;
    for (const [name, path] of dimensions) {
      const dimension = this.#findOrMake(name);
      const { paths, pathOf } = dimension;
      const { bytes } = paths;
      pathOf.set(cell, paths.numberOf(path) + 1);
      this.#bytes += bytesPerPlace + paths.bytes - bytes;
      this.#ofCells.push(dimension);
    }
    this.#ends.push(this.#ofCells.length);
  }

  /** By name, by code points. */
  of(cell: number): [name: string, path: string][] {
    const own = this.#ofCells.slice(this.#ends[cell - 1] ?? 0, this.#ends[cell]);
    return own
      .map(({ name, paths, pathOf }): [string, string] => [name, paths.at(pathOf.get(cell) - 1)])
      .sort(([a], [b]) => byCodePoints(a, b));
  }

  #findOrMake(name: string): Dimension {
    let there = this.#byName.get(name);
    if (there === undefined) {
      there = { name, paths: new Interned(), pathOf: new CellColumn() };
      this.#byName.set(name, there);
      this.#bytes += bytesOfDimension(name);
    }
    return there;
  }
}

/** About what a dimension takes that no cell had, with its tables. */
export const bytesOfDimension = (name: string): number => 1500 + bytesOfText(name);

/** What a cell's having a path takes. */
export const bytesPerPlace = 24;
