/** A number for each cell, 0 where none was set. Takes memory by how many were set, not by how great the last cell is: any tenant may think up dimensions. */
export class CellColumn {
  #numbers = new Int32Array(0);
  /** How many were set in there, at most. */
  #near = 0;
  /** Of cells beyond: few, and far between. */
  #far: Map<number, number> | undefined;

  get(cell: number): number {
    return this.#numbers[cell] ?? this.#far?.get(cell) ?? 0;
  }

  set(cell: number, number: number): void {
    if (cell >= this.#numbers.length) this.#setFar(cell, number);
    else {
      if (this.#numbers[cell] === 0) this.#near++;
      this.#numbers[cell] = number;
    }
  }

  #setFar(cell: number, number: number): void {
    const far = this.#far ?? new Map<number, number>();
    far.set(cell, number);
    const count = this.#near + far.size;
    this.#far = count * sparseness > cell ? this.#takeIn(far, cell) : far;
  }

  /** Lengthens the column to that cell, or more; answers what is beyond still. */
  #takeIn(far: ReadonlyMap<number, number>, last: number): Map<number, number> | undefined {
    const larger = new Int32Array(Math.max(last + 1, 2 * this.#numbers.length, shortest));
    larger.set(this.#numbers);
    this.#numbers = larger;
    const beyond = new Map<number, number>();
    for (const [cell, number] of far) {
      if (cell >= larger.length) {
        beyond.set(cell, number);
        continue;
      }
      larger[cell] = number;
      this.#near++;
    }
    return beyond.size === 0 ? undefined : beyond;
  }
}

/** Of so many places at least one is used, or else a table that names them takes less. */
const sparseness = 8;
const shortest = 16;
