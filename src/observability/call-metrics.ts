import type { Registry } from "prom-client";

type Observe = (code: number, nameOf: () => string, seconds: number) => void;

/** Finer than OpenTelemetry's convention below 5 ms, where most calls to a state sidecar end. */
const upperBounds = [
  0.000_1, 0.000_25, 0.000_5, 0.001, 0.002_5, 0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75,
  1, 2.5, 5, 7.5, 10,
];

/**
 * rpc.server.call.duration of OpenTelemetry's RPC conventions. prom-client works out labels anew for every
 * observation, about 1 us; here a call's counters are found by its code, and only reading them makes labels.
 */
export class CallMetrics {
  readonly #series: Series[] = [];

  constructor(registry: Registry) {
    registry.registerMetric(new CallDurations(this.#series) as never);
  }

  /** Answers how a method's calls are counted. Its series appear with its first call. */
  forMethod(system: string, method: string): Observe {
    const byCode: Series[] = [];
    return (code, nameOf, seconds) => {
      let series = byCode[code];
      if (series === undefined) {
        series = new Series({
          rpc_system_name: system,
          rpc_method: method,
          rpc_response_status_code: nameOf(),
        });
        byCode[code] = series;
        this.#series.push(series);
      }
      series.observe(seconds);
    };
  }
}

class Series {
  readonly labels: Readonly<Record<string, string>>;
  readonly counts = new Float64Array(upperBounds.length);
  count = 0;
  sum = 0;

  constructor(labels: Readonly<Record<string, string>>) {
    this.labels = labels;
  }

  observe(seconds: number): void {
    this.count += 1;
    this.sum += seconds;
    for (let at = 0; at < upperBounds.length; at++) {
      if (seconds > (upperBounds[at] ?? 0)) continue;
      this.counts[at] = (this.counts[at] ?? 0) + 1;
      return;
    }
  }
}

/** What prom-client's registry asks of a metric. */
class CallDurations {
  readonly name = "rpc_server_call_duration_seconds";
  readonly help = "How long calls took, by method and status code.";
  readonly type = "histogram";
  readonly aggregator = "sum";
  readonly #series: readonly Series[];

  constructor(series: readonly Series[]) {
    this.#series = series;
  }

  get(): Promise<object> {
    const { name, help, type, aggregator } = this;
    const values = this.#series.flatMap((series) => this.#valuesOf(series));
    return Promise.resolve({ name, help, type, aggregator, values });
  }

  reset(): void {
    for (const series of this.#series) {
      series.counts.fill(0);
      series.count = 0;
      series.sum = 0;
    }
  }

  #valuesOf({ labels, counts, count, sum }: Series): object[] {
    let reached = 0;
    const buckets = upperBounds.map((bound, at) => {
      reached += counts[at] ?? 0;
      return this.#value("bucket", reached, { ...labels, le: String(bound) });
    });
    return [
      ...buckets,
      this.#value("bucket", count, { ...labels, le: "+Inf" }),
      this.#value("sum", sum, labels),
      this.#value("count", count, labels),
    ];
  }

  #value(suffix: string, value: number, labels: object): object {
    return { metricName: `${this.name}_${suffix}`, value, labels };
  }
}
