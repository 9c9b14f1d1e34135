import type { Clock } from "../../clock.ts";
import { throwIfOver, whenOver } from "../call-end.ts";
import type { Key } from "../key.ts";
import type { Call } from "../store.ts";

export interface Claim {
  readonly key: Key;
  readonly exclusive: boolean;
}

interface Waiter {
  readonly exclusive: boolean;
  grant(): void;
}

/** Who holds one key, and who waits for it, first come first served. */
interface Lock {
  /** How many share it; -1: one holds it exclusively. */
  holders: number;
  readonly waiters: Waiter[];
}

/**
 * Fair reader-writer locks by key. A reader that comes after a waiting writer waits behind it, so neither
 * starves. A free key costs a Map entry while it is held, and nothing after.
 */
export class KeyedLocks {
  readonly #locks = new Map<Key, Lock>();
  readonly #clock: Clock;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Takes the key, at once if that is possible: then it answers nothing to wait for. Rejects when the call ends first. */
  acquire(claim: Claim, call: Call | undefined): Promise<void> | undefined {
    const lock = this.#locks.get(claim.key);
    if (lock === undefined) {
      this.#locks.set(claim.key, { holders: claim.exclusive ? -1 : 1, waiters: [] });
      return undefined;
    }
    if (!claim.exclusive && lock.holders > 0 && lock.waiters.length === 0) {
      lock.holders++;
      return undefined;
    }
    return this.#wait(lock, claim, call);
  }

  /** Gives the key back. Once for every `acquire` that succeeded. */
  release(key: Key): void {
    const lock = this.#locks.get(key) as Lock;
    lock.holders = lock.holders === -1 ? 0 : lock.holders - 1;
    this.#grantNext(key, lock);
  }

  #wait(lock: Lock, { key, exclusive }: Claim, call: Call | undefined): Promise<void> {
    if (call !== undefined) throwIfOver(call, this.#clock.now());
    return new Promise((resolve, reject) => {
      const stopWatching = whenOver(call, this.#clock, (error) => {
        lock.waiters.splice(lock.waiters.indexOf(waiter), 1);
        reject(error);
        this.#grantNext(key, lock); // those behind may have waited for this one alone
      });
      const waiter: Waiter = {
        exclusive,
        grant() {
          stopWatching();
          resolve();
        },
      };
      lock.waiters.push(waiter);
    });
  }

  #grantNext(key: Key, lock: Lock): void {
    for (let next = lock.waiters[0]; next !== undefined; next = lock.waiters[0]) {
      if (next.exclusive ? lock.holders !== 0 : lock.holders < 0) return;
      lock.holders = next.exclusive ? -1 : lock.holders + 1;
      lock.waiters.shift();
      next.grant();
    }
    if (lock.holders === 0) this.#locks.delete(key);
  }
}
