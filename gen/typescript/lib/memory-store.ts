import { LRUCache } from "lru-cache";
import { toJsonText } from "./json-text.ts";
import { KeyLocks } from "./key-locks.ts";
import type { Change, SetOptions, Store } from "./store.ts";
import { checkStoreKey } from "./store-key.ts";
import { toWholeTtlMs } from "./time-to-live.ts";

/** How a MemoryStore is made. */
export interface MemoryStoreOptions {
  /** How many values it keeps; the one used longest ago gives way. Default 5000. */
  readonly entriesMax?: number;
  /** The time in Unix milliseconds; default Date.now. */
  readonly now?: () => number;
}

/**
 * A Store in this process, for development, for tests and for what may be forgotten. It answers as TiffinStore does, but that a server
 * also has limits on the size of a value and on how deep it is nested.
 */
export class MemoryStore<T = unknown> implements Store<T> {
  /** As text: what was given and what is answered share nothing with what is kept. */
  readonly #kept: LRUCache<string, Kept>;
  readonly #locks = new KeyLocks();
  readonly #now: () => number;

  constructor({ entriesMax = 5000, now = Date.now }: MemoryStoreOptions = {}) {
    if (!Number.isSafeInteger(entriesMax) || entriesMax < 1) {
      throw new RangeError(`entriesMax is a whole number from 1, not ${entriesMax}`);
    }
    this.#kept = new LRUCache({ max: entriesMax });
    this.#now = now;
  }

  async get(key: string): Promise<T | undefined> {
    checkStoreKey(key);
    return this.#read(key)?.value;
  }

  async set(key: string, value: T, { ttlMs }: SetOptions = {}): Promise<void> {
    checkStoreKey(key);
    const text = toJsonText(`the value of ${key}`, value);
    const expireAt = this.#expireAt(ttlMs);
    await this.#locks.run(key, () => void this.#kept.set(key, { text, expireAt }));
  }

  async delete(key: string): Promise<void> {
    checkStoreKey(key);
    await this.#locks.run(key, () => void this.#kept.delete(key));
  }

  async update(key: string, change: Change<T>): Promise<T | undefined> {
    checkStoreKey(key);
    return await this.#locks.run(key, async () => {
      const before = this.#read(key);
      const changed = await change(before?.value);
      if (changed === undefined) return undefined;
      const text = toJsonText(`the value of ${key}`, changed.value);
      const { ttlMs } = changed;
      const expireAt = ttlMs === undefined ? before?.expireAt : this.#expireAt(ttlMs);
      this.#kept.set(key, { text, expireAt });
      return JSON.parse(text) as T;
    });
  }

  #read(key: string): { readonly value: T; readonly expireAt: number | undefined } | undefined {
    const kept = this.#kept.get(key);
    if (kept === undefined) return undefined;
    const { text, expireAt } = kept;
    if (expireAt === undefined || this.#now() < expireAt) {
      return { value: JSON.parse(text) as T, expireAt };
    }
    this.#kept.delete(key);
    return undefined;
  }

  #expireAt(ttlMs: number | undefined): number | undefined {
    return ttlMs === undefined ? undefined : this.#now() + toWholeTtlMs(ttlMs);
  }
}

interface Kept {
  readonly text: string;
  readonly expireAt: number | undefined;
}
