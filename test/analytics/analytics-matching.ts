import { describe, expect, test } from "vitest";
import type { AnalyticsStore, Scope } from "../../src/analytics-store/analytics-store.ts";
import { type AnalyticsUnderTest, openTenant } from "./analytics-subject.ts";
import { ask, select, series, totals, under } from "./analytics-terms.ts";

export function describeMatching(subject: AnalyticsUnderTest): void {
  /** Series under these projects, worth 1, 2, 4 and so on; null: without. */
  async function openProjects(
    ...paths: readonly (string | null)[]
  ): Promise<{ readonly store: AnalyticsStore; readonly scope: Scope }> {
    const { store, scope } = await openTenant(subject);
    const rows = paths.map((path, index) =>
      series({ value: 2 ** index, dimensions: path === null ? {} : { project: path } }),
    );
    await store.add(scope, { series: rows });
    return { store, scope };
  }

  describe("levels of detail", () => {
    for (const [levelOfDetail, expected] of [
      [undefined, { "a/b/c": 1, "a/b/d": 2, a: 4 }],
      [0, { "": 7 }],
      [1, { a: 7 }],
      [2, { "a/b": 3, "a/*": 4 }],
      [3, { "a/b/c": 1, "a/b/d": 2, "a/*/*": 4 }],
      [5, { "a/b/c/*/*": 1, "a/b/d/*/*": 2, "a/*/*/*/*": 4 }],
    ] as const) {
      test(`${levelOfDetail ?? "none"}: paths are cut and filled up`, async () => {
        const { store, scope } = await openProjects("a/b/c", "a/b/d", "a");
        const cut = select("project", [], levelOfDetail === undefined ? {} : { levelOfDetail });
        expect(await totals(store, scope, { select: [cut] })).toEqual(expected);
      });
    }

    test("series without the dimension are under ?, at any level but 0", async () => {
      const { store, scope } = await openProjects("a/b", null);
      expect(await totals(store, scope)).toEqual({ "a/b": 1, "?": 2 });
      const at = (levelOfDetail: number) => [select("project", [], { levelOfDetail })];
      expect(await totals(store, scope, { select: at(2) })).toEqual({ "a/b": 1, "?": 2 });
      expect(await totals(store, scope, { select: at(0) })).toEqual({ "": 3 });
      const never = [select("never heard of", [], { levelOfDetail: 3 })];
      expect(await totals(store, scope, { select: never })).toEqual({ "?": 3 });
    });

    test("dimensions that are not selected are no matter", async () => {
      const { store, scope } = await openTenant(subject);
      const rows = ["x", "y"].map((zone) => series({ dimensions: { project: "a", zone } }));
      await store.add(scope, { series: rows });
      expect(await totals(store, scope)).toEqual({ a: 2 });
      expect(await totals(store, scope, { select: [] })).toEqual({ "": 2 });
    });

    test("paths that were cut do not fall together with others", async () => {
      const { store, scope } = await openTenant(subject);
      const dimensions = [
        { one: "a/b", other: "c" },
        { one: "a", other: "b/c" },
      ];
      await store.add(scope, { series: dimensions.map((of) => series({ dimensions: of })) });
      const both = [select("one"), select("other")];
      expect(await totals(store, scope, { select: both })).toEqual({ "a/b c": 1, "a b/c": 1 });
    });
  });

  describe("groups", () => {
    test("are in the order in which they were first seen, numbers as any", async () => {
      const { store, scope } = await openProjects("10", "b", "9", "a", "b");
      const { groups } = await ask(store, scope);
      expect(groups.map(({ key }) => key.paths[0])).toEqual(["10", "b", "9", "a"]);
    });

    test("stay in that order when the series that came first are deleted", async () => {
      const { store, scope } = await openTenant(subject);
      const first = await store.add(scope, { series: [under("a", 1), under("b", 2)] });
      await store.add(scope, { series: [under("b", 4), under("a", 8)] });
      await store.delete(scope, { filter: { ids: [first.firstId] } });
      const { groups } = await ask(store, scope);
      expect(groups.map(({ key }) => key.paths[0])).toEqual(["a", "b"]);
    });

    test("are apart by metric and by unit, and none is a unit of its own", async () => {
      const { store, scope } = await openTenant(subject);
      const rows = [
        under("a", 1, { metric: "Budget", unit: "DAI" }),
        under("a", 2, { metric: "Budget", unit: "MKR" }),
        under("a", 4, { metric: "budget", unit: "DAI" }),
        under("a", 8, { metric: "Budget" }),
        under("a", 16, { metric: "Budget", unit: "DAI" }),
      ];
      await store.add(scope, { series: rows });
      const { groups } = await ask(store, scope);
      const answered = groups.map(({ key, change }) => [key.metric, key.unit, change[0]]);
      expect(answered).toEqual([
        ["Budget", "DAI", 17],
        ["Budget", "MKR", 2],
        ["budget", "DAI", 4],
        ["Budget", "", 8],
      ]);
    });

    test("hold Single and DssVest together", async () => {
      const { store, scope } = await openTenant(subject);
      const vest = { fn: "DssVest", start: Date.UTC(2024), end: Date.UTC(2024, 5) };
      await store.add(scope, { series: [under("a", 1), under("a", 2, vest)] });
      expect(await totals(store, scope)).toEqual({ a: 3 });
    });

    test("say their paths in the order of the selection", async () => {
      const { store, scope } = await openTenant(subject);
      const dimensions = { category: "c", project: "p", zone: "z" };
      await store.add(scope, { series: [series({ dimensions })] });
      const order = [select("zone"), select("category"), select("project")];
      expect(await totals(store, scope, { select: order })).toEqual({ "z c p": 1 });
    });

    test("a path that two dimensions share is counted once", async () => {
      const { store, scope } = await openTenant(subject);
      const dimensions = { project: "atlas/legal", budget: "atlas/legal" };
      await store.add(scope, { series: [series({ value: 7, dimensions })] });
      const both = [select("project"), select("budget")];
      expect(await totals(store, scope)).toEqual({ "atlas/legal": 7 });
      const asked = { select: both };
      expect(await totals(store, scope, asked)).toEqual({ "atlas/legal atlas/legal": 7 });
    });
  });

  describe("patterns", () => {
    const paths = ["a/b", "a/b/c", "a/bc", "a", "b/a/b", "a/x/c", null];
    for (const [title, include, exclude, expected] of [
      ["a path means itself and all below it, by whole segments", ["a/b"], [], 1 + 2],
      ["several mean any of them, each series once", ["a", "a/b", "a/b/c"], [], 1 + 2 + 4 + 8 + 32],
      ["the segment * matches any one", ["a/*/c"], [], 2 + 32],
      ["what is below a match is meant too", ["a/*"], [], 1 + 2 + 4 + 32],
      ["the first segment may be any", ["*/a"], [], 16],
      ["* alone means every path, and not what has none", ["*"], [], 63],
      ["? means what has none", ["?"], [], 64],
      ["? and a path mean both", ["?", "a/bc"], [], 68],
      ["an excluded pattern is left out", ["a"], ["a/b"], 4 + 8 + 32],
      ["an excluded pattern alone leaves everything else", [], ["a"], 16 + 64],
      ["excludes match segments as includes do", [], ["*/*/c"], 1 + 4 + 8 + 16 + 64],
      ["? can be excluded", [], ["?"], 63],
      ["what is excluded is so even if it is included", ["a/b/c"], ["a/b/c"], 0],
      ["a part of a segment is no match", ["a/b*", "b/a/"], [], 0],
    ] as const) {
      test(title, async () => {
        const { store, scope } = await openProjects(...paths);
        const asked = { select: [select("project", include, { exclude })] };
        const meant = Object.values(await totals(store, scope, asked));
        expect(meant.reduce((sum, value) => sum + value, 0)).toBe(expected);
      });
    }

    test("what SQL takes for a pattern is a path as any other", async () => {
      const { store, scope } = await openProjects("a_b", "axb", "a%", "abc", "a\\_b", "%");
      for (const [index, path] of ["a_b", "axb", "a%", "abc", "a\\_b", "%"].entries()) {
        const asked = { select: [select("project", [path])] };
        expect(await totals(store, scope, asked)).toEqual({ [path]: 2 ** index });
      }
    });

    test("are of upper and lower case", async () => {
      const { store, scope } = await openProjects("a", "A");
      expect(await totals(store, scope, { select: [select("project", ["A"])] })).toEqual({ A: 2 });
    });

    test("of several dimensions must all hold", async () => {
      const { store, scope } = await openTenant(subject);
      const dimensions = [
        { project: "a", zone: "x" },
        { project: "a", zone: "y" },
        { project: "b", zone: "x" },
        { project: "a" },
      ];
      const rows = dimensions.map((of, index) => series({ value: 2 ** index, dimensions: of }));
      await store.add(scope, { series: rows });
      const both = [select("project", ["a"]), select("zone", ["x"])];
      expect(await totals(store, scope, { select: both })).toEqual({ "a x": 1 });
      const grouped = [select("project", ["a"]), select("zone")];
      expect(await totals(store, scope, { select: grouped })).toEqual({
        "a x": 1,
        "a y": 2,
        "a ?": 8,
      });
    });

    test("of the filter narrow without telling groups apart", async () => {
      const { store, scope } = await openTenant(subject);
      const zones = ["x/1", "x/2", "y"];
      const rows = zones.map((zone, index) =>
        series({ value: 2 ** index, dimensions: { project: "a", zone } }),
      );
      await store.add(scope, { series: rows });
      const filter = { select: [select("zone", ["x"])] };
      expect(await totals(store, scope, { filter })).toEqual({ a: 3 });
    });

    test("of a dimension that nothing has match nothing, but for ?", async () => {
      const { store, scope } = await openProjects("a");
      const asked = (...include: string[]) => ({ select: [select("never heard of", include)] });
      expect(await totals(store, scope, asked("a"))).toEqual({});
      expect(await totals(store, scope, asked("*"))).toEqual({});
      expect(await totals(store, scope, asked("?"))).toEqual({ "?": 1 });
    });
  });

  describe("filters", () => {
    async function openNames(): Promise<{ store: AnalyticsStore; scope: Scope }> {
      const { store, scope } = await openTenant(subject);
      const names = [
        ["Budget", "DAI"],
        ["budget", "MKR"],
        ["ÄRGER", ""],
        ["Actuals", "dai"],
      ] as const;
      const rows = names.map(([metric, unit], index) =>
        under("a", 2 ** index, { metric, ...(unit === "" ? {} : { unit }) }),
      );
      await store.add(scope, { series: rows });
      return { store, scope };
    }

    for (const [title, filter, expected] of [
      ["one of the metrics, as it is written", { metrics: ["Budget", "Actuals"] }, 9],
      ["a metric is not a part of another", { metrics: ["Bud", "Budget "] }, 0],
      ["upper and lower case alike", { metrics: ["BUDGET"], metricsIgnoreCase: true }, 3],
      ["letters beyond ASCII alike", { metrics: ["ärger"], metricsIgnoreCase: true }, 4],
      ["case matters when nothing is said", { metrics: ["BUDGET"] }, 0],
      ["one of the units, exactly", { units: ["DAI", "MKR"] }, 3],
      ["the empty unit means those without", { units: [""] }, 4],
      ["the empty unit beside another", { units: ["", "dai"] }, 12],
      ["an empty list of metrics means nothing", { metrics: [] }, 0],
      ["an empty list of units means nothing", { units: [] }, 0],
      ["everything must hold", { metrics: ["Budget", "budget"], units: ["MKR"] }, 2],
    ] as const) {
      test(title, async () => {
        const { store, scope } = await openNames();
        const { groups } = await ask(store, scope, { filter });
        const sums = groups.map(({ change }) => change[0] as number);
        expect(sums.reduce((sum, value) => sum + value, 0)).toBe(expected);
      });
    }

    test("ignoring case answers each metric as it is written", async () => {
      const { store, scope } = await openNames();
      const filter = { metrics: ["budget"], metricsIgnoreCase: true };
      const { groups } = await ask(store, scope, { filter });
      expect(groups.map(({ key }) => key.metric)).toEqual(["Budget", "budget"]);
    });
  });
}
