import type { Clock } from "../../src/clock.ts";

interface Timer {
  readonly at: number;
  readonly action: () => void;
}

/** A clock that stands still until a test turns it. Timers fire inside `advance`, each at its own instant. */
export class ManualClock implements Clock {
  #wall: number;
  /** What timers go by: like the system's, they do not notice when the wall clock is set. */
  #elapsed = 0;
  /** In the order they were set: of those due at one instant the first set fires first. */
  readonly #timers = new Set<Timer>();

  /** Starts at a real date: revisions are made from it, and small ones would hide overflow into fractions. */
  constructor(startMs = Date.UTC(2026, 0, 1)) {
    this.#wall = startMs;
  }

  now(): number {
    return this.#wall;
  }

  after(ms: number, action: () => void): () => void {
    const timer = { at: this.#elapsed + Math.max(0, ms), action };
    this.#timers.add(timer);
    return () => this.#timers.delete(timer);
  }

  /** Lets so much time pass, and everything happen that falls into it, what is set meanwhile included. */
  advance(ms: number): void {
    const end = this.#elapsed + ms;
    for (let timer = this.#nextUntil(end); timer !== undefined; timer = this.#nextUntil(end)) {
      this.#passTo(Math.max(timer.at, this.#elapsed));
      this.#timers.delete(timer);
      timer.action();
    }
    this.#passTo(Math.max(end, this.#elapsed));
  }

  /** Sets the wall clock back, as an administrator or a time server may. */
  stepBack(ms: number): void {
    this.#wall -= ms;
  }

  /** How many timers are set: for tests that something is cancelled. */
  get timers(): number {
    return this.#timers.size;
  }

  #passTo(elapsed: number): void {
    this.#wall += elapsed - this.#elapsed;
    this.#elapsed = elapsed;
  }

  #nextUntil(end: number): Timer | undefined {
    let next: Timer | undefined;
    for (const timer of this.#timers) {
      if (timer.at <= end && (next === undefined || timer.at < next.at)) next = timer;
    }
    return next;
  }
}
