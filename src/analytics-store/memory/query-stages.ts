import type { Profiler } from "../profiler.ts";

/** Tells a query's profiler, if it has one, how long each stage took. */
export class QueryStages {
  readonly #profiler: Profiler | undefined;
  #since = 0;

  constructor(profiler: Profiler | undefined) {
    this.#profiler = profiler;
    if (profiler !== undefined) this.#since = performance.now();
  }

  /** What went on since the stage before is told under this name. */
  end(name: string): void {
    if (this.#profiler === undefined) return;
    const now = performance.now();
    this.#profiler.stage(name, now - this.#since);
    this.#since = now;
  }
}
