import { setImmediate } from "node:timers/promises";

/** Gives turns, one after the other, with room for all else between any two. */
export class Turns {
  #last: Promise<void> = Promise.resolve();

  next(): Promise<void> {
    this.#last = this.#last.then(() => setImmediate());
    return this.#last;
  }
}
