/** Lets what has the same name run one after the other, in the order of asking. */
export class Turns {
  readonly #last = new Map<string, Promise<unknown>>();

  /** Begins at once; what is begun waits for `before` itself, or gives up. */
  async take<T>(name: string, begin: (before: Promise<unknown>) => Promise<T>): Promise<T> {
    const before = this.#last.get(name) ?? Promise.resolve();
    const { promise, resolve } = Promise.withResolvers<void>();
    const turn = before.then(() => promise);
    this.#last.set(name, turn);
    try {
      return await begin(before);
    } finally {
      resolve();
      if (this.#last.get(name) === turn) this.#last.delete(name);
    }
  }
}
