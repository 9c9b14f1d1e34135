import type { AnalyticsStore, Scope } from "../../src/analytics-store/analytics-store.ts";
import {
  type AnalyticsStoreOptions,
  openAnalyticsStore,
} from "../../src/analytics-store/open-analytics-store.ts";
import type { Clock } from "../../src/clock.ts";
import { ManualClock } from "../support/manual-clock.ts";

/** One store for the servers of many tests: its engine takes seconds to begin. Each server has tenants and a clock of its own. */
export class SharedSeries {
  readonly #store: AnalyticsStore;
  readonly #reports: Report[];
  readonly #clocks: Clock[];
  #servers = 0;

  static async open(url: string): Promise<SharedSeries> {
    const clocks: Clock[] = [new ManualClock()];
    const reports: Report[] = [];
    const clock: Clock = {
      now: () => clocks.at(-1)?.now() ?? 0,
      after: (ms, action) => clocks.at(-1)?.after(ms, action) ?? (() => undefined),
    };
    const report: Report = (problem, cause) => reports.at(-1)?.(problem, cause);
    const store = await openAnalyticsStore({ url, clock, bytesMax: 2 ** 28, report });
    return new SharedSeries(store, { clocks, reports });
  }

  private constructor(
    store: AnalyticsStore,
    given: { readonly clocks: Clock[]; readonly reports: Report[] },
  ) {
    this.#store = store;
    this.#clocks = given.clocks;
    this.#reports = given.reports;
  }

  /** As a server that was just started sees it: without any series. Closing it closes nothing. */
  forServer(clock: Clock, report: Report): AnalyticsStore {
    this.#clocks.push(clock);
    this.#reports.push(report);
    return withTenantsApart(this.#store, `${++this.#servers}-`);
  }

  close(): Promise<void> {
    return this.#store.close();
  }
}

type Report = AnalyticsStoreOptions["report"];

/** The store with the names of tenants altered on their way in and out. */
function withTenantsApart(store: AnalyticsStore, prefix: string): AnalyticsStore {
  const isOwn = (tenant: string): boolean => tenant.startsWith(prefix);
  const own: Partial<AnalyticsStore> = {
    init: async () => undefined,
    close: async () => undefined,
    tenantsWithRetention: async () =>
      (await store.tenantsWithRetention())
        .filter(isOwn)
        .map((tenant) => tenant.slice(prefix.length)),
    onChange: (listener) =>
      store.onChange((tenant) => {
        if (isOwn(tenant)) listener(tenant.slice(prefix.length));
      }),
    deleteTenant: (tenant) => store.deleteTenant(prefix + tenant),
    stats: () => store.stats(),
  };
  return new Proxy(store, {
    get(target, name) {
      if (Object.hasOwn(own, name)) return own[name as keyof AnalyticsStore];
      const method: unknown = Reflect.get(target, name);
      if (typeof method !== "function") return method;
      return ({ tenant, signal, deadline }: Scope, ...rest: unknown[]) =>
        method.call(target, { tenant: prefix + tenant, signal, deadline }, ...rest);
    },
  });
}
