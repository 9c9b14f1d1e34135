import type { Profiler } from "../profiler.ts";

/** Tells a profiler how long it was since the stage before. */
export class Stopwatch {
  readonly #profiler: Profiler | undefined;
  #since = performance.now();

  constructor(profiler: Profiler | undefined) {
    this.#profiler = profiler;
  }

  lap(stage: string): void {
    const now = performance.now();
    this.#profiler?.stage(stage, now - this.#since);
    this.#since = now;
  }
}
