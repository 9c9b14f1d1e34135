import type { Chunk } from "./chunk.ts";

/** What the rows of a chunk come to for each cell that they have. */
export interface ChunkSummary {
  readonly cells: Uint32Array;
  readonly sums: Float64Array;
  /** How many series; a rollup is as many as it is made of. */
  readonly counts: Float64Array;
}

/** Makes summaries, with room to look cells up in that is used again. */
export class Summarizer {
  /** By cell its place in the summary that is being made, and 0 between. */
  #places = new Uint32Array(0);

  /** Undefined: it would spare nothing, and take nearly as much as the rows. */
  summaryOf(chunk: Chunk, cellCount: number): ChunkSummary | undefined {
    if (this.#places.length < cellCount) this.#places = new Uint32Array(cellCount * 2);
    const cells = this.#number(chunk);
    const summary =
      cells.length * rowsPerCellMin > chunk.length ? undefined : this.#sum(chunk, cells);
    for (const cell of cells) this.#places[cell] = 0;
    return summary;
  }

  #sum(chunk: Chunk, cells: Uint32Array): ChunkSummary {
    const sums = new Float64Array(cells.length);
    const counts = new Float64Array(cells.length);
    for (let at = 0; at < chunk.length; at++) {
      const place = (this.#places[chunk.cells[at] as number] as number) - 1;
      sums[place] = (sums[place] as number) + (chunk.values[at] as number);
      counts[place] = (counts[place] as number) + 1;
    }
    if (chunk.mayHaveRollups && chunk.extras.size > 0) this.#countParts(chunk, counts);
    return { cells, sums, counts };
  }

  #number(chunk: Chunk): Uint32Array {
    const cells = new Uint32Array(chunk.length);
    let next = 0;
    for (let at = 0; at < chunk.length; at++) {
      const cell = chunk.cells[at] as number;
      if (this.#places[cell] !== 0) continue;
      cells[next++] = cell;
      this.#places[cell] = next;
    }
    return cells.slice(0, next);
  }

  #countParts(chunk: Chunk, counts: Float64Array): void {
    for (let at = 0; at < chunk.length; at++) {
      const parts = chunk.extras.get(chunk.ids[at] as number)?.parts;
      if (parts === undefined) continue;
      const place = (this.#places[chunk.cells[at] as number] as number) - 1;
      counts[place] = (counts[place] as number) + parts.count - 1;
    }
  }
}

/** Adding up a cell costs as much as a row. */
const rowsPerCellMin = 2;
