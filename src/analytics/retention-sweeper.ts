import { setImmediate } from "node:timers/promises";
import type { AnalyticsStore } from "../analytics-store/analytics-store.ts";
import type { Clock } from "../clock.ts";

interface RetentionSweeperOptions {
  readonly series: AnalyticsStore;
  readonly clock: Clock;
  readonly report: (problem: string, cause: unknown) => void;
}

/** Applies the rules of all tenants, one after the other, every minute. Several processes may do so: applied twice is as applied once. */
export class RetentionSweeper {
  readonly #series: AnalyticsStore;
  readonly #clock: Clock;
  readonly #report: RetentionSweeperOptions["report"];
  readonly #stopping = new AbortController();
  #cancelTimer: () => void = () => undefined;
  #sweep: Promise<void> = Promise.resolve();

  constructor({ series, clock, report }: RetentionSweeperOptions) {
    this.#series = series;
    this.#clock = clock;
    this.#report = report;
  }

  /** The first time a minute from now; from then on a minute after each end, so that no two overlap. */
  start(): void {
    if (this.#stopping.signal.aborted) return;
    this.#cancelTimer = this.#clock.after(sweepEveryMs, () => {
      this.#sweep = this.#sweepAll().finally(() => this.start());
    });
  }

  /** Waits for the tenant whose turn it is. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    this.#cancelTimer();
    await this.#sweep;
  }

  async #sweepAll(): Promise<void> {
    try {
      for (const tenant of await this.#series.tenantsWithRetention()) {
        if (this.#stopping.signal.aborted) return;
        await this.#apply(tenant);
        await setImmediate();
      }
    } catch (error) {
      if (!this.#stopping.signal.aborted) this.#report("no retention rules were read", error);
    }
  }

  async #apply(tenant: string): Promise<void> {
    const scope = { tenant, signal: this.#stopping.signal };
    try {
      await this.#series.applyRetention(scope, Math.floor(this.#clock.now()));
    } catch (error) {
      if (this.#stopping.signal.aborted) return;
      this.#report(`the retention rules of the tenant ${tenant} were not applied`, error);
    }
  }
}

const sweepEveryMs = 60_000;
