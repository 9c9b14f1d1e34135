import type {
  AnalyticsStore,
  RetentionRule,
  Retired,
  Scope,
} from "../../src/analytics-store/analytics-store.ts";
import type { NewSeries } from "../../src/analytics-store/series.ts";
import { at, under } from "./analytics-terms.ts";

export const dayMs = 86_400_000;
/** When the tests of retention apply rules. */
export const now = at("2024-12-01");
export const everything = { afterId: 0, limit: 1000 };

/** Worth 1, 2, 4 and so on, in this order. */
export const startingAt = (starts: readonly string[], said: Partial<NewSeries> = {}): NewSeries[] =>
  starts.map((start, index) => under("a", 2 ** index, { start: at(start), ...said }));

export async function retire(
  store: AnalyticsStore,
  scope: Scope,
  rules: readonly RetentionRule[],
): Promise<Retired> {
  await store.setRetention(scope, rules);
  return store.applyRetention(scope, now);
}

/** Start, value and function of each series, by start. */
export const kept = async (store: AnalyticsStore, scope: Scope): Promise<unknown[]> =>
  (await store.list(scope, {}, everything))
    .map(({ start, value, fn }) => [new Date(start).toISOString(), value, fn] as const)
    .sort(([a], [b]) => (a < b ? -1 : 1));
