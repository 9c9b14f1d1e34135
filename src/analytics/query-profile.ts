import type { Duration } from "@bufbuild/protobuf/wkt";
import type { Profile } from "#gen/tiffin/analytics/v1/query_pb.ts";
import type { Profiler } from "../analytics-store/profiler.ts";
import type { AnalyticsRoom } from "./analytics-room.ts";

/** How long the stages of a query took. A stage that comes again is added to. */
export class QueryProfile implements Profiler {
  /** Whether the caller asked for it. If not, the engine is not told: what it does to explain itself may cost as much as the answer. */
  readonly isAsked: boolean;
  readonly #stages = new Map<string, number>();
  readonly #plans: string[] = [];

  constructor(isAsked: boolean) {
    this.isAsked = isAsked;
  }

  stage(name: string, ms: number): void {
    this.#stages.set(name, (this.#stages.get(name) ?? 0) + ms);
  }

  plan(text: string): void {
    if (this.#plans.length < plansMax && !this.#plans.includes(text)) this.#plans.push(text);
  }

  async measure<T>(name: string, run: () => Promise<T>): Promise<T> {
    const startedAt = performance.now();
    try {
      return await run();
    } finally {
      this.stage(name, performance.now() - startedAt);
    }
  }

  measureSync<T>(name: string, run: () => T): T {
    const startedAt = performance.now();
    try {
      return run();
    } finally {
      this.stage(name, performance.now() - startedAt);
    }
  }

  /** How much was answered stands beside it. Nothing of what was asked does, unless the engine's plan says so. */
  logTo({ log }: Pick<AnalyticsRoom, "log">, answered: Readonly<Record<string, number>>): void {
    const stages = Object.fromEntries(this.#stages);
    const plan = this.#plans.length === 0 ? {} : { plan: this.#plans.join("\n\n") };
    log({ ...answered, stages_ms: stages, ...plan }, "analytics query answered");
  }

  toMessage(): Profile {
    return {
      $typeName: "tiffin.analytics.v1.Profile",
      stages: [...this.#stages].map(([name, ms]) => ({
        $typeName: "tiffin.analytics.v1.Stage",
        name,
        duration: toDuration(ms),
      })),
      plan: this.#plans.join("\n\n"),
    };
  }
}

/** To the nanosecond, which the library's own function does not round to. */
function toDuration(ms: number): Duration {
  const nanos = Math.round(ms * 1_000_000);
  return {
    $typeName: "google.protobuf.Duration",
    seconds: BigInt(Math.floor(nanos / nanosPerSecond)),
    nanos: nanos % nanosPerSecond,
  };
}

const nanosPerSecond = 1_000_000_000;
/** A streamed answer asks the engine many times, for the same each time. */
const plansMax = 4;
