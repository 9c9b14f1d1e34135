import fc from "fast-check";
import { test } from "vitest";
import { MemoryAnalyticsStore } from "../../src/analytics-store/memory/memory-analytics-store.ts";
import { ManualClock } from "../support/manual-clock.ts";
import { propertyParameters } from "../support/property.ts";
import type { OpenedAnalytics } from "./analytics-subject.ts";
import { agreement } from "./life-agreement.ts";

const report = (problem: string, cause: unknown): void => {
  throw new Error(problem, { cause });
};

const openWith = async (chunkRowsMax: number | undefined): Promise<OpenedAnalytics> => {
  const clock = new ManualClock();
  const store = new MemoryAnalyticsStore({ clock, bytesMax: 2 ** 30, chunkRowsMax, report });
  await store.init();
  return { store, clock };
};

for (const [rows, lives] of [
  [undefined, 40],
  [16, 20],
  [3, 20],
] as const) {
  test(`hundreds of questions are answered in memory, ${rows ?? "very many"} rows to a chunk, as by the naive store`, async () => {
    const subject = { name: "memory", open: () => openWith(rows) };
    await fc.assert(agreement(subject, 40), propertyParameters(lives));
  }, 60_000);
}
