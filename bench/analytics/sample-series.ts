import type { NewSeries } from "../../src/analytics-store/series.ts";
import { sameRandom } from "../store/random.ts";

/**
 * A year of payments, in no order of time, the same in every run: one metric and unit, 100 sources, and three dimensions that have nothing to do
 * with each other, of 50 (5 times 10), 20 and 10 paths. None begins on the hour, so that both boundaries answer the same, and values are
 * whole and small, so that sums are exact in single precision and in any order.
 */
export function* sampleSeries(count: number): Generator<NewSeries, void, undefined> {
  const random = sameRandom();
  const below = (bound: number): number => Math.floor(random() * bound);
  for (let index = 0; index < count; index++) {
    yield {
      source: `ledger/${below(100)}`,
      metric: "Budget",
      start: yearStartMs + 1 + 2 * below(yearMs / 2),
      value: below(1000),
      unit: "DAI",
      dimensions: {
        project: `atlas/p${below(5)}/t${below(10)}`,
        category: `kind/${below(20)}`,
        region: `r${below(10)}`,
      },
    };
  }
}

/** The same by so many at a time. */
export function* sampleBatches(
  count: number,
  batchMax = 10_000,
): Generator<NewSeries[], void, undefined> {
  let batch: NewSeries[] = [];
  for (const series of sampleSeries(count)) {
    batch.push(series);
    if (batch.length < batchMax) continue;
    yield batch;
    batch = [];
  }
  if (batch.length > 0) yield batch;
}

/** 2024, a leap year, in UTC. */
export const yearStartMs = Date.UTC(2024);
export const yearEndMs = Date.UTC(2025);
const yearMs = yearEndMs - yearStartMs;
