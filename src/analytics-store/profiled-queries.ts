import type { BucketQuery } from "./analytics-store.ts";
import type { StoreProfiler } from "./profiler.ts";
import { type Report, tellSafely } from "./tell-safely.ts";

interface Profiling {
  readonly profiler?: StoreProfiler | undefined;
  readonly report: Report;
}

/** Gives each query that brings no profiler that of its store. */
export class ProfiledQueries {
  readonly #profiler: StoreProfiler | undefined;
  readonly #report: Report;
  #queries = 0;

  constructor({ profiler, report }: Profiling) {
    this.#profiler = profiler;
    this.#report = report;
  }

  of(query: BucketQuery): BucketQuery {
    const profiler: StoreProfiler | undefined = query.profiler ?? this.#profiler;
    if (profiler === undefined) return query;
    const index = this.#queries++;
    const tell = (told: () => unknown): void => tellSafely(told, "a profiler", this.#report);
    const stage = (name: string, ms: number): void => tell(() => profiler.stage(name, ms, index));
    if (profiler.plan === undefined) return { ...query, profiler: { stage } };
    const plan = (text: string): void => tell(() => profiler.plan?.(text, index));
    return { ...query, profiler: { stage, plan } };
  }
}
