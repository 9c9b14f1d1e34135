import { describe, expect, test } from "vitest";
import { ManualClock } from "../../../test/support/manual-clock.ts";
import type { NewSeries } from "../series.ts";
import { MemoryAnalyticsStore } from "./memory-analytics-store.ts";

const scope = { tenant: "a" };
const now = Date.UTC(2025, 0, 1);
const hour = 3_600_000;

/** So many of a month, of 2024, that they are rolled up in a step of their own. */
const ofMonth = (month: number, count = 20_000): NewSeries[] =>
  Array.from({ length: count }, (_, at) => ({
    ...{ source: `s${at}`, metric: "m", start: Date.UTC(2024, month, 2) + at, value: 1 },
  }));

async function open() {
  const store = new MemoryAnalyticsStore({
    ...{ clock: new ManualClock(), bytesMax: 2 ** 28, report: () => {} },
  });
  await store.init();
  await store.add(scope, { series: [...ofMonth(0), ...ofMonth(2)] });
  await store.setRetention(scope, [{ ageMs: 24 * hour, rollUp: "monthly" }]);
  return store;
}

/** Does something once, between the first step and the second. */
function between(store: MemoryAnalyticsStore, act: () => Promise<unknown>): Promise<unknown> {
  const { promise, resolve } = Promise.withResolvers<unknown>();
  const stop = store.onChange(() => {
    stop();
    resolve(act());
  });
  return promise;
}

const total = async (store: MemoryAnalyticsStore): Promise<number | undefined> => {
  const boundaries = Float64Array.of(Date.UTC(2024, 0, 1), now);
  const { groups } = await store.query(scope, {
    ...{ filter: {}, select: [], boundaries, boundary: "right_open", before: now },
    ...{ aggregates: [], numbersMax: 1000 },
  });
  return groups[0]?.change[0];
};

describe("retention in memory, step by step", () => {
  test("loses nothing that comes between two steps, into months that were not planned or are done", async () => {
    const store = await open();
    const late = between(store, () =>
      store.add(scope, { series: [...ofMonth(0, 1), ...ofMonth(1, 1), ...ofMonth(2, 1)] }),
    );
    expect(await store.applyRetention(scope, now)).toEqual({ deleted: 40_000, rollups: 40_000 });
    await late;
    expect(await total(store)).toBe(40_003);
    expect(await store.applyRetention(scope, now)).toEqual({ deleted: 5, rollups: 3 });
    expect(await total(store)).toBe(40_003);
    expect(await store.applyRetention(scope, now)).toEqual({ deleted: 0, rollups: 0 });
  });

  test("lets others have their turn, whose answers are true meanwhile", async () => {
    const store = await open();
    const asked = between(store, () => total(store));
    const retired = store.applyRetention(scope, now);
    expect(await Promise.race([asked, retired])).toBe(40_000);
    await retired;
  });

  test("ends with its rules, its caller and its tenant", async () => {
    const ends: ((store: MemoryAnalyticsStore, caller: AbortController) => Promise<unknown>)[] = [
      async (store) => store.setRetention(scope, []),
      async (_, caller) => caller.abort(),
      async (store) => store.deleteTenant("a"),
    ];
    for (const end of ends) {
      const store = await open();
      const caller = new AbortController();
      const ended = between(store, () => end(store, caller));
      const retired = await store.applyRetention({ ...scope, signal: caller.signal }, now);
      expect(retired).toEqual({ deleted: 20_000, rollups: 20_000 });
      await ended;
    }
  });

  test("of one tenant is one application at a time", async () => {
    const store = await open();
    const both = await Promise.all([1, 2].map(() => store.applyRetention(scope, now)));
    expect(both).toEqual([
      { deleted: 40_000, rollups: 40_000 },
      { deleted: 0, rollups: 0 },
    ]);
  });
});
