import { describe, expect, test } from "vitest";
import type { SeriesFilter } from "../../src/analytics-store/analytics-store.ts";
import { type AnalyticsUnderTest, openTenant } from "./analytics-subject.ts";
import { at, select, series, totals, under, valuesOf } from "./analytics-terms.ts";

const from = (...include: string[]): SeriesFilter => ({ sources: { include, exclude: [] } });

export function describeDeleting(subject: AnalyticsUnderTest): void {
  describe("deleting", () => {
    const rows = (
      [
        ["a", "2024-01", "m", { p: "x" }],
        ["a/b", "2024-02", "n", { p: "x/y" }],
        ["a_b", "2024-03", "M", { p: "x_y" }],
        ["axb", "2024-04", "m", { p: "xzy" }],
        ["a%", "2024-05", "o", {}],
      ] as const
    ).map(([source, start, metric, dimensions], index) =>
      series({ source, metric, dimensions, start: at(start), value: 2 ** index }),
    );

    const cases: readonly (readonly [string, SeriesFilter, readonly number[]])[] = [
      ["a source takes what is below it along", from("a"), [4, 8, 16]],
      ["an underscore stands for itself", from("a_b"), [1, 2, 8, 16]],
      ["a percent sign stands for itself", from("a%"), [1, 2, 4, 8]],
      ["a percent sign alone is no source that is there", from("%"), [1, 2, 4, 8, 16]],
      ["the path of a dimension", { select: [select("p", ["x"])] }, [4, 8, 16]],
      ["a path with an underscore", { select: [select("p", ["x_y"])] }, [1, 2, 8, 16]],
      ["a metric, as it is written", { metrics: ["m"] }, [2, 4, 16]],
      ["a range, its end not included", { from: at("2024-02"), before: at("2024-04") }, [1, 8, 16]],
      ["what several conditions hold of", { ...from("a"), metrics: ["n", "o"] }, [1, 4, 8, 16]],
      ["everything", {}, []],
      ["nothing", { metrics: ["other"] }, [1, 2, 4, 8, 16]],
    ];
    for (const [title, filter, left] of cases) {
      test(title, async () => {
        const { store, scope } = await openTenant(subject);
        await store.add(scope, { series: rows });
        const before = await totals(store, scope, { select: [] });
        expect(before).toMatchObject({ "": expect.any(Number) });
        const deleted = await store.delete(scope, { filter });
        expect(deleted).toMatchObject({ series: 5 - left.length, dimensions: 0, replayed: false });
        expect(await valuesOf(store, scope)).toEqual(left);
        const sums = Object.values(await totals(store, scope, { select: [select("p")] }));
        const sum = left.reduce((a, b) => a + b, 0);
        expect(sums.reduce((a, b) => a + b, 0)).toBe(sum);
      });
    }

    test("by id, and what is not there is no matter", async () => {
      const { store, scope } = await openTenant(subject);
      const { firstId } = await store.add(scope, { series: rows });
      const deletion = {
        filter: { ids: [firstId + 4, firstId + 1, firstId + 1, 999_999, 2 ** 64] },
      };
      expect(await store.delete(scope, deletion)).toMatchObject({ series: 2 });
      expect(await store.delete(scope, deletion)).toMatchObject({ series: 0 });
      expect(await valuesOf(store, scope)).toEqual([1, 4, 8]);
    });

    test("is one commit; none, if nothing is deleted", async () => {
      const { store, scope } = await openTenant(subject);
      const { revision } = await store.add(scope, { series: rows });
      const nothing = await store.delete(scope, { filter: { metrics: ["other"] } });
      expect(nothing).toMatchObject({ series: 0, revision });
      const deleted = await store.delete(scope, { filter: from("a") });
      expect(deleted.revision).toBeGreaterThan(revision);
      const { commits } = await store.changes(scope, { after: revision, limit: 10 });
      expect(commits.map((commit) => commit.revision)).toEqual([deleted.revision]);
    });

    test("forgets the paths that no series has any more, if that is asked for", async () => {
      const { store, scope } = await openTenant(subject);
      await store.add(scope, { series: [under("a/b", 1), under("a/c", 2), under("d", 4)] });
      const deletion = { filter: { select: [select("project", ["a/b", "d"])] } };
      const deleted = await store.delete(scope, { ...deletion, clearEmptyDimensions: true });
      expect(deleted).toMatchObject({ series: 2, dimensions: 2 });
      const left = await store.dimensions(scope, { limit: 10 });
      expect(left.map(({ path }) => path)).toEqual(["a/c"]);
    });

    test("what was deleted can be added anew", async () => {
      const { store, scope } = await openTenant(subject);
      await store.add(scope, { series: [under("a", 1)] });
      await store.delete(scope, { filter: {}, clearEmptyDimensions: true });
      expect(await totals(store, scope)).toEqual({});
      await store.add(scope, { series: [under("a", 2)] });
      expect(await totals(store, scope)).toEqual({ a: 2 });
      expect(await store.dimensions(scope, { limit: 10 })).toHaveLength(1);
    });
  });
}
