import { collectDefaultMetrics, Gauge, Registry } from "prom-client";
import { CallMetrics } from "./call-metrics.ts";

/** A number that is asked for when the metrics are read. */
export interface GaugeSource {
  readonly name: string;
  readonly help: string;
  readonly read: () => number | Promise<number>;
}

/** What is measured, and how it is read. */
export class Metrics {
  readonly calls: CallMetrics;
  readonly #registry = new Registry();

  constructor() {
    collectDefaultMetrics({ register: this.#registry });
    this.calls = new CallMetrics(this.#registry);
  }

  gauge({ name, help, read }: GaugeSource): void {
    new Gauge({
      name,
      help,
      registers: [this.#registry],
      async collect() {
        this.set(await read());
      },
    });
  }

  async read(): Promise<{ readonly type: string; readonly text: string }> {
    return { type: this.#registry.contentType, text: await this.#registry.metrics() };
  }
}
