import { describe, expect, test } from "vitest";
import { type AnalyticsUnderTest, openTenant } from "./analytics-subject.ts";
import { ask, at, series, totals, under, valuesOf } from "./analytics-terms.ts";

const batchOf = (count: number, project: string) => ({
  series: Array.from({ length: count }, (_, index) =>
    under(project, 1, { start: at("2024-01-15") - index }),
  ),
});

export function describeConcurrency(subject: AnalyticsUnderTest): void {
  describe("at the same time", () => {
    test("series of a path that is new are each counted once", async () => {
      const { store, scope } = await openTenant(subject);
      const batches = [1, 2, 3, 4].map((value) => ({ series: [under("a/new", value)] }));
      const added = await Promise.all(batches.map((batch) => store.add(scope, batch)));
      expect(new Set(added.map(({ firstId }) => firstId)).size).toBe(4);
      expect(new Set(added.map(({ revision }) => revision)).size).toBe(4);
      expect(await totals(store, scope)).toEqual({ "a/new": 10 });
      expect(await store.dimensions(scope, { limit: 10 })).toHaveLength(1);
    });

    test("a question finds a batch whole or not at all, and those that were answered before", async () => {
      const { store, scope } = await openTenant(subject);
      await store.add(scope, batchOf(20, "a"));
      const adding = Array.from({ length: 8 }, () => store.add(scope, batchOf(20, "a")));
      const asking = Array.from({ length: 8 }, () => totals(store, scope));
      for (const { a = 0 } of await Promise.all(asking)) {
        expect(a).toBeGreaterThanOrEqual(20);
        expect(a % 20).toBe(0);
      }
      await Promise.all(adding);
      expect(await totals(store, scope)).toEqual({ a: 180 });
    });

    test("an answer is at least of the revision that it says", async () => {
      const { store, scope } = await openTenant(subject);
      const added = Array.from({ length: 8 }, () => store.add(scope, batchOf(1, "a")));
      const asked = Array.from({ length: 8 }, () => ask(store, scope));
      const revisions = (await Promise.all(added)).map(({ revision }) => revision);
      for (const { revision, groups } of await Promise.all(asked)) {
        const then = revisions.filter((one) => one <= revision).length;
        expect(groups[0]?.change[0] ?? 0).toBeGreaterThanOrEqual(then);
      }
    });

    test("who reads changes while they are made is told each once, in order", async () => {
      const { store, scope } = await openTenant(subject);
      let { head: after } = await store.changes(scope, { limit: 1 });
      const adding = Array.from({ length: 20 }, () => store.add(scope, batchOf(2, "a")));
      const told: number[] = [];
      while (told.length < adding.length) {
        const { commits } = await store.changes(scope, { after, limit: 3 });
        told.push(...commits.map(({ revision }) => revision));
        after = told.at(-1) ?? after;
      }
      const revisions = (await Promise.all(adding)).map(({ revision }) => revision);
      expect(told).toEqual(revisions.toSorted((a, b) => a - b));
    });

    test("two deletions of the same series delete each of them once", async () => {
      const { store, scope } = await openTenant(subject);
      await store.add(scope, batchOf(50, "a"));
      const deletions = [1, 2, 3].map(() => store.delete(scope, { filter: {} }));
      const counts = (await Promise.all(deletions)).map((deleted) => deleted.series);
      expect(counts.reduce((sum, count) => sum + count)).toBe(50);
    });

    test("a path that is cleared while a series comes under it is there with the series", async () => {
      const { store, scope } = await openTenant(subject);
      await store.updateDimension(scope, { dimension: "project", path: "a", label: "A" });
      await Promise.all([store.clearEmptyDimensions(scope), store.add(scope, batchOf(1, "a"))]);
      const paths = await store.dimensions(scope, { limit: 10 });
      expect(paths.map(({ path }) => path)).toEqual(["a"]);
      expect(await totals(store, scope)).toEqual({ a: 1 });
    });

    test("retention twice at once does it once", async () => {
      const { store, scope } = await openTenant(subject);
      await store.add(scope, batchOf(30, "a"));
      await store.setRetention(scope, [{ count: 0, rollUp: "monthly" }]);
      const now = at("2024-12-01");
      const retired = await Promise.all([1, 2].map(() => store.applyRetention(scope, now)));
      expect(retired.reduce((sum, { rollups }) => sum + rollups, 0)).toBe(1);
      expect(await valuesOf(store, scope)).toEqual([30]);
    });
  });

  describe("a long filter", () => {
    test("may name ten thousand ids", async () => {
      const { store, scope } = await openTenant(subject);
      const { firstId } = await store.add(scope, { series: [1, 2, 3].map(ofValue) });
      const ids = Array.from({ length: 10_000 }, (_, index) => firstId + 1 + index);
      expect(await valuesOf(store, scope, { ids })).toEqual([2, 3]);
      expect(await store.delete(scope, { filter: { ids } })).toMatchObject({ series: 2 });
    });

    test("may name a thousand metrics, units, sources and paths", async () => {
      const { store, scope } = await openTenant(subject);
      const rows = Array.from({ length: 11 }, (_, index) =>
        series({
          ...{ metric: `m${index}00`, unit: `u${index}00`, source: `s/${index}00`, value: index },
          dimensions: { project: `p/${index}00` },
        }),
      );
      await store.add(scope, { series: rows });
      const include = (prefix: string) =>
        Array.from({ length: 1000 }, (_, index) => `${prefix}${index}`);
      const filter = {
        ...{ metrics: include("m"), units: include("u") },
        sources: { include: include("s/"), exclude: [] },
        select: [{ dimension: "project", patterns: { include: include("p/"), exclude: [] } }],
      };
      expect(await valuesOf(store, scope, filter)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9]);
      expect(await store.delete(scope, { filter })).toMatchObject({ series: 9 });
      expect(await valuesOf(store, scope)).toEqual([0, 10]);
    });

    test("may ask what is said of thousands of paths", async () => {
      const { store, scope } = await openTenant(subject);
      await store.add(scope, { series: [under("p/7", 1), under("p/4321", 1)] });
      const keys = Array.from({ length: 5000 }, (_, index) => ({
        ...{ dimension: "project", path: `p/${index}` },
      }));
      const found = await store.describe(scope, keys);
      expect(found.map(({ path }) => path).sort()).toEqual(["p/4321", "p/7"]);
    });
  });
}

const ofValue = (value: number) => series({ value });
