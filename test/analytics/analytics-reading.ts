import { describe, expect, test } from "vitest";
import type {
  AnalyticsStore,
  NamePage,
  Scope,
  SeriesFilter,
} from "../../src/analytics-store/analytics-store.ts";
import { type AnalyticsUnderTest, openTenant } from "./analytics-subject.ts";
import { at, select, series, under, valuesOf } from "./analytics-terms.ts";

const from = (...include: string[]): SeriesFilter => ({ sources: { include, exclude: [] } });

export function describeReading(subject: AnalyticsUnderTest): void {
  describe("listing series", () => {
    test("goes page by page through all, by rising id", async () => {
      const { store, scope } = await openTenant(subject);
      const days = [5, 3, 4, 1, 2, 9, 8];
      const rows = days.map((day) => series({ value: day, start: at(`2024-01-0${day}`) }));
      await store.add(scope, { series: rows });
      const found: number[] = [];
      let afterId = 0;
      for (;;) {
        const page = await store.list(scope, {}, { afterId, limit: 3 });
        found.push(...page.map(({ value }) => value));
        if (page.length < 3) break;
        afterId = page.at(-1)?.id ?? 0;
      }
      expect(found).toEqual(days);
      expect(await store.list(scope, {}, { afterId: 2 ** 64, limit: 3 })).toEqual([]);
    });

    test("a page holds as many as it may though most series are not meant", async () => {
      const { store, scope } = await openTenant(subject);
      const rows = Array.from({ length: 100 }, (_, index) => under(`p${index % 10}`, index));
      await store.add(scope, { series: rows });
      const filter = { select: [select("project", ["p7"])] };
      const page = await store.list(scope, filter, { afterId: 0, limit: 4 });
      expect(page.map(({ value }) => value)).toEqual([7, 17, 27, 37]);
    });

    test("dimensions are in the order of their names' code points", async () => {
      const { store, scope } = await openTenant(subject);
      const names = ["z", "\u{1F600}", "a", "\uFFFD", "B"];
      const dimensions = Object.fromEntries(names.map((name) => [name, name]));
      await store.add(scope, { series: [series({ dimensions })] });
      const [listed] = await store.list(scope, {}, { afterId: 0, limit: 1 });
      const sorted = ["B", "a", "z", "\uFFFD", "\u{1F600}"];
      expect(listed?.dimensions).toEqual(sorted.map((name) => [name, name]));
    });
  });

  describe("a filter of series", () => {
    async function openMixed(): Promise<{ store: AnalyticsStore; scope: Scope; ids: number[] }> {
      const { store, scope } = await openTenant(subject);
      const rows = (
        [
          ["a", "2024-01", "m", "DAI", { p: "x" }],
          ["a/b", "2024-02", "n", "DAI", { p: "x/y" }],
          ["a/b/c", "2024-03", "M", "", { p: "z" }],
          ["ab", "2024-04", "m", "MKR", {}],
        ] as const
      ).map(([source, start, metric, unit, dimensions], index) =>
        series({ source, metric, unit, dimensions, start: at(start), value: 2 ** index }),
      );
      const { firstId } = await store.add(scope, { series: rows });
      return { store, scope, ids: rows.map((_, index) => firstId + index) };
    }

    const cases: readonly (readonly [string, SeriesFilter, readonly number[]])[] = [
      ["that says nothing means all", {}, [1, 2, 4, 8]],
      ["means sources and what is below them", from("a"), [1, 2, 4]],
      ["means sources by whole segments", from("a/b"), [2, 4]],
      ["means sources by patterns", from("*/*/c"), [4]],
      ["means any of several sources", from("ab", "a/b/c"), [4, 8]],
      [
        "leaves out sources that are excluded",
        { sources: { include: [], exclude: ["a/b"] } },
        [1, 8],
      ],
      ["means metrics as they are written", { metrics: ["m"] }, [1, 8]],
      [
        "means metrics in upper and lower case",
        { metrics: ["m"], metricsIgnoreCase: true },
        [1, 4, 8],
      ],
      ["means units", { units: ["DAI"] }, [1, 2]],
      ["means no unit", { units: [""] }, [4]],
      ["means paths", { select: [select("p", ["x"])] }, [1, 2]],
      ["leaves out paths", { select: [select("p", [], { exclude: ["x/y", "?"] })] }, [1, 4]],
      ["means what has no path", { select: [select("p", ["?"])] }, [8]],
      ["means what begins at an instant or later", { from: at("2024-02") }, [2, 4, 8]],
      ["means what begins before an instant", { before: at("2024-03") }, [1, 2]],
      ["means a range", { from: at("2024-02"), before: at("2024-03") }, [2]],
      ["means what all of it holds of", { ...from("a"), units: ["DAI"], from: at("2024-02") }, [2]],
      ["with an empty list of ids means nothing", { ids: [] }, []],
      ["with an empty list of metrics means nothing", { metrics: [] }, []],
    ];
    for (const [title, filter, expected] of cases) {
      test(title, async () => {
        const { store, scope } = await openMixed();
        expect(await valuesOf(store, scope, filter)).toEqual(expected);
        const { firstStart } = (await store.span(scope, filter)).span ?? {};
        const first = ["2024-01", "2024-02", "2024-03", "2024-04"].map(at)[
          Math.log2(expected[0] ?? NaN)
        ];
        expect(firstStart).toBe(first);
      });
    }

    test("means ids, those that are not there being no matter", async () => {
      const { store, scope, ids } = await openMixed();
      const [first, , third] = ids as [number, number, number];
      expect(await valuesOf(store, scope, { ids: [third, first, 999_999] })).toEqual([1, 4]);
      expect(await valuesOf(store, scope, { ids: [third, first], units: ["DAI"] })).toEqual([1]);
    });
  });

  describe("the span", () => {
    test("is from the first start to the last end or start", async () => {
      const { store, scope } = await openTenant(subject);
      const rows = [
        series({ start: at("2024-05"), end: at("2024-08") }),
        series({ start: at("2024-07") }),
        series({ start: at("2024-03"), metric: "other" }),
        series({ start: at("2024-09"), metric: "other" }),
      ];
      await store.add(scope, { series: rows });
      const metric = { firstStart: at("2024-05"), lastEnd: at("2024-08") };
      expect((await store.span(scope, { metrics: ["metric"] })).span).toEqual(metric);
      const other = { firstStart: at("2024-03"), lastEnd: at("2024-09") };
      expect((await store.span(scope, { metrics: ["other"] })).span).toEqual(other);
      expect((await store.span(scope, {})).span).toEqual({ ...other });
    });

    test("is undefined where there are no series", async () => {
      const { store, scope } = await openTenant(subject);
      expect((await store.span(scope, {})).span).toBeUndefined();
      await store.add(scope, { series: [series()] });
      expect((await store.span(scope, { metrics: ["other"] })).span).toBeUndefined();
      await store.delete(scope, { filter: {} });
      expect((await store.span(scope, {})).span).toBeUndefined();
    });

    test("shrinks when series go", async () => {
      const { store, scope } = await openTenant(subject);
      const starts = ["2024-01", "2024-02", "2024-03"].map(at);
      await store.add(scope, { series: starts.map((start) => series({ start })) });
      await store.delete(scope, { filter: { before: at("2024-01-02") } });
      await store.delete(scope, { filter: { from: at("2024-02-02") } });
      const span = { firstStart: starts[1], lastEnd: starts[1] };
      expect((await store.span(scope, {})).span).toEqual(span);
    });

    test("says of which revision it is", async () => {
      const { store, scope } = await openTenant(subject);
      const none = await store.span(scope, {});
      const added = await store.add(scope, { series: [series()] });
      expect(none.revision).toBeLessThan(added.revision);
      expect((await store.span(scope, {})).revision).toBe(added.revision);
      const { revision } = await store.delete(scope, { filter: {} });
      expect(await store.span(scope, {})).toEqual({ span: undefined, revision });
    });
  });

  describe("names", () => {
    const all = async (store: AnalyticsStore, scope: Scope, page: Omit<NamePage, "limit">) =>
      store.names(scope, { ...page, limit: 100 });

    test("are those of the series that are there, each once, by code points", async () => {
      const { store, scope } = await openTenant(subject);
      const names = ["b", "a", "\u{1F600}", "B", "\uFFFD", "a", "a/b", "a b"];
      const rows = names.map((name) => series({ metric: name, unit: name, source: name }));
      await store.add(scope, { series: [...rows, series({ metric: "a", source: "a" })] });
      const sorted = ["B", "a", "a b", "a/b", "b", "\uFFFD", "\u{1F600}"];
      for (const of of ["metric", "unit", "source"] as const) {
        expect(await all(store, scope, { of }), of).toEqual(sorted);
      }
    });

    test("go page by page", async () => {
      const { store, scope } = await openTenant(subject);
      const names = ["c", "a", "\uFFFD", "d", "\u{1F600}", "b"];
      const rows = names.map((name) => series({ metric: name, unit: name, source: name }));
      await store.add(scope, { series: rows });
      for (const of of ["metric", "unit", "source"] as const) {
        expect(await store.names(scope, { of, limit: 2 })).toEqual(["a", "b"]);
        expect(await store.names(scope, { of, limit: 2, after: "b" })).toEqual(["c", "d"]);
        const last = await store.names(scope, { of, limit: 3, after: "d" });
        expect(last).toEqual(["\uFFFD", "\u{1F600}"]);
        expect(await store.names(scope, { of, limit: 3, after: "between" })).toHaveLength(3);
        expect(await store.names(scope, { of, limit: 2, after: "\u{1F600}" })).toEqual([]);
      }
    });

    test("of sources can be those of a path and below it", async () => {
      const { store, scope } = await openTenant(subject);
      const sources = ["a", "a/b", "a b", "ab", "a/b/c", "a_b", "a%"];
      await store.add(scope, { series: sources.map((source) => series({ source })) });
      expect(await all(store, scope, { of: "source", path: "a" })).toEqual(["a", "a/b", "a/b/c"]);
      expect(await all(store, scope, { of: "source", path: "a_b" })).toEqual(["a_b"]);
      expect(await all(store, scope, { of: "source", path: "%" })).toEqual([]);
      const after = await all(store, scope, { of: "source", path: "a", after: "a/b" });
      expect(after).toEqual(["a/b/c"]);
    });

    test("are gone when their last series is", async () => {
      const { store, scope } = await openTenant(subject);
      const named = (name: string) => series({ metric: name, unit: name, source: name });
      const { firstId } = await store.add(scope, { series: [named("a"), named("a"), named("b")] });
      await store.delete(scope, { filter: { ids: [firstId, firstId + 2] } });
      for (const of of ["metric", "unit", "source"] as const) {
        expect(await all(store, scope, { of })).toEqual(["a"]);
      }
    });

    test("of units leave out the empty one", async () => {
      const { store, scope } = await openTenant(subject);
      await store.add(scope, { series: [series(), series({ unit: "DAI" })] });
      expect(await all(store, scope, { of: "unit" })).toEqual(["DAI"]);
    });
  });
}
