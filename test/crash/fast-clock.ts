import { type Clock, systemClock } from "../../src/clock.ts";

/** Real time from a given instant on, going by faster: what takes hours of sweeping and expiring takes seconds. */
export class FastClock implements Clock {
  readonly #start: number;
  readonly #factor: number;
  readonly #began = performance.now();

  constructor(start: number, factor: number) {
    this.#start = start;
    this.#factor = factor;
  }

  now(): number {
    return this.#start + (performance.now() - this.#began) * this.#factor;
  }

  after(ms: number, action: () => void): () => void {
    return systemClock.after(ms / this.#factor, action);
  }
}
