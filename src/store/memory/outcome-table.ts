import type { Committed } from "../store.ts";

/**
 * The latest commits that landed, by id. Two stores a commit, since every commit comes by here and hardly any is
 * ever looked up; previous values are left out, as they would keep any number of bytes alive.
 */
export class OutcomeTable {
  readonly #ids: string[] = [];
  readonly #outcomes: Committed[] = [];
  #next = 0;

  add(id: string, outcome: Committed): void {
    const { revision, rangeDeleted } = outcome;
    this.#ids[this.#next] = id;
    this.#outcomes[this.#next] =
      outcome.previous === undefined ? outcome : { revision, rangeDeleted };
    this.#next = (this.#next + 1) % remembered;
  }

  find(id: string): Committed | undefined {
    return this.#outcomes[this.#ids.indexOf(id)];
  }
}

/** More than can be in flight: a lane's queue, whose limit is as much by default, and the batch before it. */
const remembered = 10_000;
