/** Told of one query, how long each stage took, in milliseconds. What it throws is nobody's concern. */
export interface Profiler {
  stage(name: string, ms: number): void;
  /** What the engine did; left out it is not asked for, as it may cost a query of its own. */
  plan?(text: string): void;
}

/** Of a whole store, for queries that bring none of their own: `query` tells apart those that run at once. */
export interface StoreProfiler {
  stage(name: string, ms: number, query: number): void;
  plan?(text: string, query: number): void;
}
