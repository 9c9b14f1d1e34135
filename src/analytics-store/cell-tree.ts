import type { CheckedSeries, StoredSeries } from "./series.ts";

/** What tells cells apart. */
export type CellNames = Pick<CheckedSeries, "metric" | "unit" | "dimensions"> &
  Pick<StoredSeries, "fn">;

/** A place in the tree; its number is set where a cell ends. */
export interface CellNode {
  number: number | undefined;
  next: Map<string, CellNode> | undefined;
}

/** Cells by their names, one after the other: found in a third of the time that putting a text together for each would take. */
export class CellTree {
  readonly #root: CellNode = { number: undefined, next: undefined };

  find(cell: CellNames): number | undefined {
    return this.#walk(cell, found)?.number;
  }

  /** The cell's place; a new one without number, if there is none. */
  at(cell: CellNames): CellNode {
    return this.#walk(cell, foundOrMade) as CellNode;
  }

  #walk(
    { metric, unit, fn, dimensions }: CellNames,
    step: (from: CellNode | undefined, name: string) => CellNode | undefined,
  ): CellNode | undefined {
    let node = step(step(step(this.#root, metric), unit), fn);
    for (const [name, path] of dimensions) node = step(step(node, name), path);
    return node;
  }
}

const found = (from: CellNode | undefined, name: string): CellNode | undefined =>
  from?.next?.get(name);

function foundOrMade(from: CellNode | undefined, name: string): CellNode {
  const parent = from as CellNode;
  parent.next ??= new Map();
  let node = parent.next.get(name);
  if (node === undefined) {
    node = { number: undefined, next: undefined };
    parent.next.set(name, node);
  }
  return node;
}
