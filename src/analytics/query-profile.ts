import { durationFromMs } from "@bufbuild/protobuf/wkt";
import type { Profile } from "#gen/tiffin/analytics/v1/query_pb.ts";
import type { Profiler } from "../analytics-store/analytics-store.ts";

/** How long the stages of a query took. A stage that comes again is added to. */
export class QueryProfile implements Profiler {
  readonly #stages = new Map<string, number>();
  readonly #plans: string[] = [];

  stage(name: string, ms: number): void {
    this.#stages.set(name, (this.#stages.get(name) ?? 0) + ms);
  }

  plan(text: string): void {
    if (this.#plans.length < plansMax && !this.#plans.includes(text)) this.#plans.push(text);
  }

  /** Runs a stage. Those that report their own parts are not to be measured whole as well. */
  async measure<T>(name: string, run: () => Promise<T>): Promise<T> {
    const startedAt = performance.now();
    try {
      return await run();
    } finally {
      this.stage(name, performance.now() - startedAt);
    }
  }

  /** By name, in milliseconds. */
  get stages(): Readonly<Record<string, number>> {
    return Object.fromEntries(this.#stages);
  }

  get plans(): string {
    return this.#plans.join("\n\n");
  }

  toMessage(): Profile {
    return {
      $typeName: "tiffin.analytics.v1.Profile",
      stages: [...this.#stages].map(([name, ms]) => ({
        $typeName: "tiffin.analytics.v1.Stage",
        name,
        duration: durationFromMs(ms),
      })),
      plan: this.plans,
    };
  }
}

/** A streamed answer asks the engine many times, for the same each time. */
const plansMax = 4;
