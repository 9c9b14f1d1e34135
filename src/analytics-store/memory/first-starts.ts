import type { Chunk } from "./chunk.ts";

/** When the first row of each cell begins: what tells whether a cell has rows before an instant. */
export class FirstStarts {
  #starts = new Float64Array(0);
  /** Cells whose first row was removed, and that are to be looked for again. */
  readonly #unknown = new Set<number>();

  add(cell: number, start: number): void {
    if (cell >= this.#starts.length) this.#reserve(cell);
    if (start < (this.#starts[cell] as number)) this.#starts[cell] = start;
  }

  remove(cell: number, start: number): void {
    if (this.#starts[cell] === start) this.#unknown.add(cell);
  }

  /** By cell; infinity where there is no row. */
  among(chunks: readonly Chunk[]): Float64Array {
    if (this.#unknown.size > 0) this.#find(chunks);
    return this.#starts;
  }

  #find(chunks: readonly Chunk[]): void {
    const starts = this.#starts;
    for (const cell of this.#unknown) starts[cell] = Number.POSITIVE_INFINITY;
    let left = this.#unknown.size;
    for (const chunk of chunks) {
      for (let at = 0; at < chunk.length && left > 0; at++) {
        const cell = chunk.cells[at] as number;
        if (starts[cell] !== Number.POSITIVE_INFINITY) continue;
        starts[cell] = chunk.starts[at] as number;
        left--;
      }
    }
    this.#unknown.clear();
  }

  #reserve(cell: number): void {
    const before = this.#starts;
    this.#starts = new Float64Array(Math.max(16, (cell + 1) * 2)).fill(Number.POSITIVE_INFINITY);
    this.#starts.set(before);
  }
}
