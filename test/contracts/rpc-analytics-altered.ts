import type { AnalyticsStore } from "../../src/analytics-store/analytics-store.ts";

/** The store with one method in the place of its own: for what no store does that is well. */
export const altered =
  <Name extends keyof AnalyticsStore>(
    name: Name,
    make: (series: AnalyticsStore) => AnalyticsStore[Name],
  ) =>
  (series: AnalyticsStore): AnalyticsStore => {
    const method = make(series);
    return new Proxy(series, {
      get(target, asked) {
        if (asked === name) return method;
        const member: unknown = Reflect.get(target, asked);
        return typeof member === "function" ? member.bind(target) : member;
      },
    });
  };
