import { CellColumn } from "./cell-column.ts";
import { bytesOfText, Interned } from "./interned.ts";
import { bytesPerPair, NumberedPairs } from "./numbered-pairs.ts";
import type { StoredSeries } from "./series.ts";

/** A dimension's paths, and which of them each cell has. */
export class Dimension {
  readonly name: string;
  readonly number: number;
  readonly paths = new Interned();
  /** The path's number and 1; 0 is none. */
  readonly pathOf = new CellColumn();
  /** By path its number among those of all dimensions. */
  readonly #places: number[] = [];

  constructor(name: string, number: number) {
    this.name = name;
    this.number = number;
  }

  /** -1: no cell has the path. */
  placeOf(path: string): number {
    const number = this.paths.find(path);
    return number < 0 ? -1 : (this.#places[number] as number);
  }

  /** The path is new. */
  addPath(path: string, place: number): void {
    this.paths.numberOf(path);
    this.#places.push(place);
  }
}

/** Which paths cells have: by dimension, to match and group them, and by cell. */
export class CellDimensions {
  readonly #byName = new Map<string, Dimension>();
  readonly #all: Dimension[] = [];
  /** Which dimensions a cell has is one of a few lists: of another and one dimension more; 0: none. */
  readonly #lists = new NumberedPairs();
  readonly #shorter: number[] = [0];
  readonly #last: number[] = [0];
  readonly #listOf = new CellColumn();
  #cells = 0;
  #places = 0;
  #bytes = 0;

  /** About what they take. */
  get bytes(): number {
    return this.#bytes;
  }

  find(name: string): Dimension | undefined {
    return this.#byName.get(name);
  }

  /** The number of the dimension's path among all; -1: no cell has it. */
  findPlace(name: string, path: string): number {
    return this.#byName.get(name)?.placeOf(path) ?? -1;
  }

  placeOf(name: string, path: string): number {
    const dimension = this.#findOrMake(name);
    const there = dimension.placeOf(path);
    if (there >= 0) return there;
    const { bytes } = dimension.paths;
    dimension.addPath(path, this.#places);
    this.#bytes += bytesPerPlace + dimension.paths.bytes - bytes;
    return this.#places++;
  }

  /** Of the next cell; they have places. */
  push(dimensions: StoredSeries["dimensions"]): void {
    let list = 0;
    for (const [name, path] of dimensions) {
      const { number, paths, pathOf } = this.#byName.get(name) as Dimension;
      pathOf.set(this.#cells, paths.find(path) + 1);
      this.#bytes += bytesPerPath;
      list = this.#longer(list, number);
    }
    this.#listOf.set(this.#cells, list);
    this.#cells++;
  }

  /** In the order in which they were given. */
  of(cell: number): [name: string, path: string][] {
    const own: [string, string][] = [];
    for (let list = this.#listOf.get(cell); list > 0; list = this.#shorter[list] as number) {
      const { name, paths, pathOf } = this.#all[this.#last[list] as number] as Dimension;
      own.push([name, paths.at(pathOf.get(cell) - 1)]);
    }
    return own.reverse();
  }

  #longer(list: number, dimension: number): number {
    const longer = this.#lists.numberOf(list, dimension);
    if (longer < this.#last.length) return longer;
    this.#shorter.push(list);
    this.#last.push(dimension);
    this.#bytes += bytesPerList;
    return longer;
  }

  #findOrMake(name: string): Dimension {
    let there = this.#byName.get(name);
    if (there === undefined) {
      there = new Dimension(name, this.#all.length);
      this.#all.push(there);
      this.#byName.set(name, there);
      this.#bytes += bytesOfDimension(name);
    }
    return there;
  }
}

/** About what a dimension takes that no cell had, with its tables. */
export const bytesOfDimension = (name: string): number => 1500 + bytesOfText(name);

/** What a cell's having a path takes, in a column with room for more. */
const bytesPerPath = 8;
const bytesPerPlace = 16;
const bytesPerList = bytesPerPair + 16;
/** What a cell takes at most for each of its dimensions, but for a new path's text. */
export const mostBytesPerDimension = bytesPerPath + bytesPerPlace + bytesPerList;
