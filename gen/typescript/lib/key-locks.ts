/** One at a time for each key, in the order of asking, within this process. What asks for its own key again waits for ever. */
export class KeyLocks {
  readonly #last = new Map<string, Promise<void>>();

  /** Runs the work once all that was asked for before it on this key is over, whether it went well or not. */
  run<T>(key: string, work: () => T | Promise<T>): Promise<T> {
    const before = this.#last.get(key) ?? Promise.resolve();
    const result = before.then(work);
    const over = result.then(forget, forget).then(() => {
      if (this.#last.get(key) === over) this.#last.delete(key);
    });
    this.#last.set(key, over);
    return result;
  }

  /** How many keys have work. */
  get size(): number {
    return this.#last.size;
  }
}

/** Who asked for the work is told how it went; who comes after only needs to know that it is over. */
const forget = (): void => undefined;
