/** A number for each cell, 0 where none was set. */
export class CellColumn {
  #numbers = new Int32Array(16);

  get(cell: number): number {
    return this.#numbers[cell] ?? 0;
  }

  set(cell: number, number: number): void {
    if (cell >= this.#numbers.length) {
      const larger = new Int32Array(Math.max(cell + 1, this.#numbers.length * 2));
      larger.set(this.#numbers);
      this.#numbers = larger;
    }
    this.#numbers[cell] = number;
  }
}
