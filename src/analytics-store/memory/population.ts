import { CellColumn } from "../cell-column.ts";
import type { Cells } from "../cells.ts";
import type { Row } from "./row.ts";

/** How many rows there are of each cell and of each source. */
export class Population {
  readonly #rowsOfCell = new CellColumn();
  readonly #rowsOfSource = new CellColumn();
  /** Of the cells that have rows; until one comes or goes. */
  #paths: ReadonlyMap<string, ReadonlySet<string>> | undefined;

  add({ cell, source }: Pick<Row, "cell" | "source">): void {
    const rows = this.#rowsOfCell.get(cell);
    if (rows === 0) this.#paths = undefined;
    this.#rowsOfCell.set(cell, rows + 1);
    this.#rowsOfSource.set(source, this.#rowsOfSource.get(source) + 1);
  }

  remove({ cell, source }: Pick<Row, "cell" | "source">): void {
    const rows = this.#rowsOfCell.get(cell);
    if (rows === 1) this.#paths = undefined;
    this.#rowsOfCell.set(cell, rows - 1);
    this.#rowsOfSource.set(source, this.#rowsOfSource.get(source) - 1);
  }

  hasCell(cell: number): boolean {
    return this.#rowsOfCell.get(cell) > 0;
  }

  hasSource(source: number): boolean {
    return this.#rowsOfSource.get(source) > 0;
  }

  /** By dimension the paths that series have. */
  pathsOf(cells: Cells): ReadonlyMap<string, ReadonlySet<string>> {
    this.#paths ??= this.#collect(cells);
    return this.#paths;
  }

  #collect(cells: Cells): Map<string, Set<string>> {
    const all = new Map<string, Set<string>>();
    for (let cell = 0; cell < cells.size; cell++) {
      if (!this.hasCell(cell)) continue;
      for (const [dimension, path] of cells.at(cell).dimensions) {
        const paths = all.get(dimension);
        if (paths === undefined) all.set(dimension, new Set([path]));
        else paths.add(path);
      }
    }
    return all;
  }
}
