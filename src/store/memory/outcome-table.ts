import type { Committed } from "../store.ts";

/**
 * The commits that landed, by id: the last five to ten thousand. Two maps that take turns, so that forgetting
 * costs nothing a commit. Previous values are left out: they would keep any number of bytes alive.
 */
export class OutcomeTable {
  #newer = new Map<string, Committed>();
  #older = new Map<string, Committed>();

  add(id: string, { revision, rangeDeleted }: Committed): void {
    if (this.#newer.size >= generationMax) {
      this.#older = this.#newer;
      this.#newer = new Map();
    }
    this.#newer.set(id, { revision, rangeDeleted });
  }

  find(id: string): Committed | undefined {
    return this.#newer.get(id) ?? this.#older.get(id);
  }
}

const generationMax = 5_000;
