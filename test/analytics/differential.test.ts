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

test("a thousand questions and more are answered in memory as by the naive store", async () => {
  const open = async (): Promise<OpenedAnalytics> => {
    const clock = new ManualClock();
    const store = new MemoryAnalyticsStore({ clock, bytesMax: 2 ** 30, report });
    await store.init();
    return { store, clock };
  };
  await fc.assert(agreement({ name: "memory", open }, 40), propertyParameters(80));
}, 60_000);
