import type { CheckedSeries, StoredSeries } from "./series.ts";

/** What tells cells apart. */
export type CellNames = Pick<CheckedSeries, "metric" | "unit" | "dimensions"> &
  Pick<StoredSeries, "fn">;

/** A place in the tree; its number is set where a cell ends. */
export class CellNode {
  number: number | undefined;
  /** The first below it is kept apart: most places have one, and to compare a name is faster than to look it up. */
  #firstName: string | undefined;
  #first: CellNode | undefined;
  #others: Map<string, CellNode> | undefined;

  find(name: string): CellNode | undefined {
    return this.#firstName === name ? this.#first : this.#others?.get(name);
  }

  /** There is none of the name. */
  make(name: string): CellNode {
    const made = new CellNode();
    if (this.#firstName === undefined) {
      this.#firstName = name;
      this.#first = made;
    } else {
      this.#others ??= new Map();
      this.#others.set(name, made);
    }
    return made;
  }
}

/** Cells by their names, one after the other: faster than to put a text together for each. */
export class CellTree {
  readonly #root = new CellNode();
  #size = 0;

  /** How many places there are. */
  get size(): number {
    return this.#size;
  }

  find({ metric, unit, fn, dimensions }: CellNames): number | undefined {
    let node = this.#root.find(metric)?.find(unit)?.find(fn);
    for (const [name, path] of dimensions) node = node?.find(name)?.find(path);
    return node?.number;
  }

  /** The cell's place; a new one without number, if there is none. */
  at({ metric, unit, fn, dimensions }: CellNames): CellNode {
    let node = this.#below(this.#below(this.#below(this.#root, metric), unit), fn);
    // Taking pairs apart by their places is faster than by a pattern, and this runs for each series that is added.
    for (const pair of dimensions) node = this.#below(this.#below(node, pair[0]), pair[1]);
    return node;
  }

  #below(node: CellNode, name: string): CellNode {
    const there = node.find(name);
    if (there !== undefined) return there;
    this.#size++;
    return node.make(name);
  }
}
