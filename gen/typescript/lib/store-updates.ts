import { KeyLocks } from "./key-locks.ts";
import type { Change, Store } from "./store.ts";

/**
 * `update` for every Store: its own, or else reading and writing under a lock that is known to this object alone, so that only what goes
 * through it is safe from each other.
 */
export class StoreUpdates {
  readonly #store: Store;
  readonly #locks = new KeyLocks();

  constructor(store: Store) {
    this.#store = store;
  }

  async get(key: string): Promise<unknown> {
    return await this.#store.get(key);
  }

  async set(key: string, value: unknown, ttlMs: number): Promise<void> {
    await this.#store.set(key, value, { ttlMs });
  }

  async delete(key: string): Promise<void> {
    const deleteIt = (): Promise<void> => this.#store.delete(key);
    await (this.#store.update === undefined ? this.#locks.run(key, deleteIt) : deleteIt());
  }

  async update(key: string, change: Change<unknown>): Promise<void> {
    if (this.#store.update !== undefined) {
      await this.#store.update(key, change);
      return;
    }
    await this.#locks.run(key, async () => {
      const changed = await change(await this.#store.get(key));
      if (changed === undefined) return;
      const { value, ttlMs } = changed;
      await this.#store.set(key, value, ttlMs === undefined ? {} : { ttlMs });
    });
  }
}
