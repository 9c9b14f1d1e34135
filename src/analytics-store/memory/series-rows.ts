import type { Row } from "./row.ts";

/** A tenant's rows by start and id. */
export class SeriesRows {
  #rows: Row[] = [];
  #isSorted = true;

  get size(): number {
    return this.#rows.length;
  }

  get bytes(): number {
    return this.#rows.length * bytesPerRow;
  }

  add(rows: readonly Row[]): void {
    for (const row of rows) this.#rows.push(row);
    this.#isSorted = false;
  }

  /** All of them, by start and then id. */
  get sorted(): readonly Row[] {
    if (!this.#isSorted) this.#rows.sort(byStart);
    this.#isSorted = true;
    return this.#rows;
  }

  /** Takes out those that are meant, and answers them. */
  take(isMeant: (row: Row) => boolean): Row[] {
    const taken: Row[] = [];
    const kept: Row[] = [];
    for (const row of this.sorted) (isMeant(row) ? taken : kept).push(row);
    this.#rows = kept;
    return taken;
  }
}

const byStart = (a: Row, b: Row): number => a.start - b.start || a.id - b.id;

const bytesPerRow = 64;
