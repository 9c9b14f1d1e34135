import { describe, expect, test } from "vitest";
import type { AnalyticsStore, Scope } from "../../src/analytics-store/analytics-store.ts";
import { type AnalyticsUnderTest, openTenant } from "./analytics-subject.ts";
import { ask, at, under } from "./analytics-terms.ts";
import { dayMs, everything, retire } from "./retention-terms.ts";

/** Of several series that begin at one instant rolling up does not keep which came first: answers must not go by the ids of rollups. */
export function describeTiedRollups(subject: AnalyticsUnderTest): void {
  describe("rollups that begin or end at one instant", () => {
    test("the first is the smallest of what months begin with, whichever was rolled up first", async () => {
      const { store, scope } = await openTenant(subject);
      const rows = [
        under("y", 1, { start: at("2024-01-02T06:00:00Z") }),
        under("y", 2, { start: at("2024-01-01") }),
        under("x", 3, { start: at("2024-01-01") }),
      ];
      await store.add(scope, { series: rows });
      expect(await ends(store, scope)).toEqual([2, 1]);
      await retire(store, scope, [{ ageMs: dayMs, rollUp: "monthly" }]);
      expect(await ends(store, scope)).toEqual([2, 1]);
    });

    test("the first is the smallest of what days begin with, whichever ends first", async () => {
      const { store, scope } = await openTenant(subject);
      const rows = [
        under("x", 1, { start: at("2024-01-01T00:00:00Z") }),
        under("y", 2, { start: at("2024-01-01T00:00:00Z") }),
        under("x", 3, { start: at("2024-01-01T05:00:00Z") }),
      ];
      await store.add(scope, { series: rows });
      expect(await ends(store, scope)).toEqual([1, 3]);
      await retire(store, scope, [{ ageMs: dayMs, rollUp: "daily" }]);
      expect(await ends(store, scope)).toEqual([1, 3]);
    });

    for (const values of [
      [7, -5, 3],
      [3, 7, -5],
      [-5, 3, 7],
    ]) {
      test(`rollups of ${values}, all of one instant: the first is the smallest, the last the greatest`, async () => {
        const { store, scope } = await openTenant(subject);
        const rows = values.map((value, index) => under("abc".charAt(index), value));
        await store.add(scope, { series: rows });
        await retire(store, scope, [{ ageMs: dayMs, rollUp: "daily" }]);
        expect(await ends(store, scope)).toEqual([-5, 7]);
      });

      test(`rollups that begin with ${values}, and others that end with them: so too`, async () => {
        const { store, scope } = await openTenant(subject);
        const tied = values.map((value, index) => under("abc".charAt(index), value));
        const before = under("b", 100, { start: at("2024-01-14") });
        const after = under("a", 100, { start: at("2024-01-16") });
        await store.add(scope, { series: [after, ...tied] });
        await store.add(scope, {
          series: [...tied.map((one) => ({ ...one, metric: "end" })), { ...before, metric: "end" }],
        });
        await retire(store, scope, [{ ageMs: dayMs, rollUp: "monthly" }]);
        expect((await ends(store, scope, "metric"))[0]).toBe(-5);
        expect((await ends(store, scope, "end"))[1]).toBe(7);
      });
    }

    test("they come before what was kept of that instant", async () => {
      const { store, scope } = await openTenant(subject);
      const rows = [5, 1, 9, 4].map((value, index) => under("abcd".charAt(index), value));
      await store.add(scope, { series: rows });
      await retire(store, scope, [{ count: 2, rollUp: "daily" }]);
      expect(await ends(store, scope)).toEqual([1, 4]);
    });

    test("a rollup of a day that begins with its month's is merged with it as it is answered beside it", async () => {
      const { store, scope } = await openTenant(subject);
      const month = [{ ageMs: dayMs, rollUp: "monthly" }] as const;
      const days = ["2024-01-01", "2024-01-20"].map((day) => ({ start: at(day) }));
      await store.add(scope, { series: days.map((day) => under("a", 5, day)) });
      await retire(store, scope, month);
      await store.add(scope, { series: [under("a", 3, { start: at("2024-01-01") })] });
      expect(await ends(store, scope)).toEqual([5, 5]);
      await retire(store, scope, [{ ageMs: dayMs, rollUp: "daily" }]);
      expect(await ends(store, scope)).toEqual([3, 5]);
      await retire(store, scope, month);
      expect(await ends(store, scope)).toEqual([3, 5]);
      const [rollup, ...others] = await store.list(scope, {}, everything);
      expect(others).toEqual([]);
      const params = { count: 3, min: 3, max: 5, first: 3, last: 5 };
      expect(rollup).toMatchObject({ value: 13, params });
    });
  });
}

/** The first and the last value of January's, in one group. */
async function ends(store: AnalyticsStore, scope: Scope, metric = "metric"): Promise<unknown[]> {
  const { groups } = await ask(store, scope, {
    ...{ filter: { metrics: [metric] }, select: [] },
    boundaries: [at("2024-01"), at("2024-02")],
    aggregates: [{ function: "first" }, { function: "last" }],
  });
  expect(groups).toHaveLength(1);
  return groups.flatMap(({ aggregates }) => aggregates.map((column) => column[0]));
}
