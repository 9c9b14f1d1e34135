import { describe, expect, test } from "vitest";
import { type AnalyticsUnderTest, openTenant } from "./analytics-subject.ts";
import { refusal, series, totals, under } from "./analytics-terms.ts";

const entry = (dimension: string, path: string, said: object = {}) => ({
  ...{ dimension, path, label: "", icon: "", description: "" },
  ...said,
});

export function describeDimensions(subject: AnalyticsUnderTest): void {
  describe("dimensions", () => {
    test("are those that series have, each path once, by name and path, by code points", async () => {
      const { store, scope } = await openTenant(subject);
      const dimensions = [
        { b: "x", a: "y" },
        { b: "x", a: "x/z" },
        { a: "x!" },
        { "\u{1F600}": "q", "\uFFFD": "q" },
        { a: "\u{1F600}" },
        { a: "\uFFFD" },
      ];
      await store.add(scope, { series: dimensions.map((of) => series({ dimensions: of })) });
      const found = await store.dimensions(scope, { limit: 100 });
      expect(found).toEqual([
        entry("a", "x!"),
        entry("a", "x/z"),
        entry("a", "y"),
        entry("a", "\uFFFD"),
        entry("a", "\u{1F600}"),
        entry("b", "x"),
        entry("\uFFFD", "q"),
        entry("\u{1F600}", "q"),
      ]);
    });

    test("go page by page, and stay in their order", async () => {
      const { store, scope } = await openTenant(subject);
      const pairs = ["b a", "a c", "a b", "b b", "a a/b", "a a"].map((pair) => pair.split(" "));
      const rows = pairs.map((pair) => series({ dimensions: Object.fromEntries([pair]) }));
      await store.add(scope, { series: rows });
      const whole = await store.dimensions(scope, { limit: 100 });
      const names = whole.map(({ dimension, path }) => `${dimension} ${path}`);
      expect(names).toEqual(["a a", "a a/b", "a b", "a c", "b a", "b b"]);
      for (const [index, after] of whole.entries()) {
        const page = await store.dimensions(scope, { after, limit: 2 });
        expect(page).toEqual(whole.slice(index + 1, index + 3));
      }
    });

    test("can be asked for by name, and by a path and those below it", async () => {
      const { store, scope } = await openTenant(subject);
      const paths = ["a", "a/b", "ab", "a_b", "axb"];
      const rows = paths.map((path) => series({ dimensions: { p: path, q: path } }));
      await store.add(scope, { series: rows });
      const found = async (page: { dimension?: string; path?: string }) =>
        (await store.dimensions(scope, { ...page, limit: 100 })).map(
          ({ dimension, path }) => `${dimension} ${path}`,
        );
      expect(await found({ dimension: "p" })).toEqual(["p a", "p a/b", "p a_b", "p ab", "p axb"]);
      expect(await found({ dimension: "p", path: "a" })).toEqual(["p a", "p a/b"]);
      expect(await found({ path: "a_b" })).toEqual(["p a_b", "q a_b"]);
      expect(await found({ dimension: "%" })).toEqual([]);
    });

    test("what is said of a path is said of it in its dimension alone", async () => {
      const { store, scope } = await openTenant(subject);
      const dimensions = { project: "atlas", budget: "atlas", label: "atlas" };
      await store.add(scope, { series: [series({ dimensions })] });
      const said = { label: "Atlas", icon: "atlas.svg", description: "A project" };
      const updated = await store.updateDimension(scope, entry("project", "atlas", said));
      expect(updated).toEqual(entry("project", "atlas", said));
      const keys = Object.keys(dimensions).map((dimension) => ({ dimension, path: "atlas" }));
      const described = await store.describe(scope, keys);
      expect(described.toSorted((a, b) => (a.dimension < b.dimension ? -1 : 1))).toEqual([
        entry("budget", "atlas"),
        entry("label", "atlas"),
        entry("project", "atlas", said),
      ]);
    });

    test("what is said of a path is said of it alone, not of those below it", async () => {
      const { store, scope } = await openTenant(subject);
      await store.add(scope, { series: [under("a/b", 1)] });
      await store.updateDimension(scope, { dimension: "project", path: "a", label: "A" });
      expect(await store.dimensions(scope, { limit: 10 })).toEqual([
        entry("project", "a", { label: "A" }),
        entry("project", "a/b"),
      ]);
    });

    test("what is not said stays as it is, and what is said to be empty becomes so", async () => {
      const { store, scope } = await openTenant(subject);
      const path = { dimension: "project", path: "a" };
      await store.updateDimension(scope, { ...path, label: "A", icon: "i", description: "d" });
      const updated = await store.updateDimension(scope, { ...path, label: "B", icon: "" });
      expect(updated).toEqual({ ...path, label: "B", icon: "", description: "d" });
      expect(await store.updateDimension(scope, path)).toEqual(updated);
    });

    test("a series can say it of its paths, and of those above them", async () => {
      const { store, scope } = await openTenant(subject);
      const dimensionMetadata = [
        { dimension: "project", path: "/a/b/", label: "B" },
        { dimension: "project", path: "a", icon: "i" },
      ];
      await store.add(scope, { series: [under("a/b", 1, { dimensionMetadata })] });
      await store.add(scope, { series: [under("a/b", 1)] });
      expect(await store.dimensions(scope, { limit: 10 })).toEqual([
        entry("project", "a", { icon: "i" }),
        entry("project", "a/b", { label: "B" }),
      ]);
    });

    test("of several that say something of one path in a batch, the last is believed", async () => {
      const { store, scope } = await openTenant(subject);
      const saying = (said: object) =>
        under("a", 1, { dimensionMetadata: [{ dimension: "project", path: "a", ...said }] });
      const batch = [saying({ label: "1", icon: "i" }), saying({ label: "2" })];
      await store.add(scope, { series: batch });
      const expected = [entry("project", "a", { label: "2", icon: "i" })];
      expect(await store.dimensions(scope, { limit: 10 })).toEqual(expected);
    });

    test("a path that no series has can be spoken of, and makes no group", async () => {
      const { store, scope } = await openTenant(subject);
      await store.updateDimension(scope, { dimension: "project", path: "/new/", label: "New" });
      const expected = [entry("project", "new", { label: "New" })];
      expect(await store.dimensions(scope, { limit: 10 })).toEqual(expected);
      expect(await store.describe(scope, [{ dimension: "project", path: "new" }])).toEqual(
        expected,
      );
      expect(await totals(store, scope)).toEqual({});
    });

    test("paths of which nothing is known are not described", async () => {
      const { store, scope } = await openTenant(subject);
      await store.add(scope, { series: [under("a/b", 1)] });
      const paths = ["a", "a/*", "?", "", "other", "a/b"];
      const keys = paths.map((path) => ({ dimension: "project", path }));
      expect(await store.describe(scope, keys)).toEqual([entry("project", "a/b")]);
      expect(await store.describe(scope, [])).toEqual([]);
    });

    test("a path is described while any of its series is there, the first or the last", async () => {
      const { store, scope } = await openTenant(subject);
      const rows = ["x", "y", "z"].flatMap((other) => [
        series({ source: other, dimensions: { project: "a", other } }),
        series({ source: `${other}/b`, dimensions: { project: "b", other, more: other } }),
      ]);
      await store.add(scope, { series: rows });
      const keys = ["a", "b"].map((path) => ({ dimension: "project", path }));
      const described = async (): Promise<string[]> =>
        (await store.describe(scope, keys)).map(({ path }) => path).sort();
      const drop = (source: string) =>
        store.delete(scope, { filter: { sources: { include: [source], exclude: [] } } });
      await drop("z");
      expect(await described()).toEqual(["a", "b"]);
      await drop("x");
      expect(await described()).toEqual(["a", "b"]);
      await store.delete(scope, {
        filter: { select: [{ dimension: "more", patterns: { include: ["y"], exclude: [] } }] },
      });
      expect(await described()).toEqual(["a"]);
      await drop("y");
      expect(await described()).toEqual([]);
    });

    test("what is said of a path that cannot be is refused", async () => {
      const { store, scope } = await openTenant(subject);
      for (const path of ["", "a//b", "*", "?"]) {
        const refused = store.updateDimension(scope, { dimension: "project", path });
        expect(await refusal(refused), path).toMatchObject({ kind: "invalid_field" });
      }
      const nameless = store.updateDimension(scope, { dimension: "", path: "a" });
      expect(await refusal(nameless)).toMatchObject({ kind: "invalid_field" });
    });

    test("paths stay when their series are deleted, until they are cleared", async () => {
      const { store, scope } = await openTenant(subject);
      const { firstId } = await store.add(scope, { series: [under("a", 1), under("b", 2)] });
      await store.delete(scope, { filter: { ids: [firstId] } });
      expect(await store.dimensions(scope, { limit: 10 })).toHaveLength(2);
      expect(await store.clearEmptyDimensions(scope)).toBe(1);
      expect(await store.dimensions(scope, { limit: 10 })).toEqual([entry("project", "b")]);
      expect(await store.clearEmptyDimensions(scope)).toBe(0);
    });

    test("clearing keeps a path while a series is below it, and forgets what was said of others", async () => {
      const { store, scope } = await openTenant(subject);
      await store.add(scope, { series: [under("a/b", 1), series({ dimensions: { zone: "c" } })] });
      for (const path of ["a", "a/b/c", "ab", "c"]) {
        await store.updateDimension(scope, { dimension: "project", path, label: path });
      }
      expect(await store.clearEmptyDimensions(scope)).toBe(3);
      expect(await store.dimensions(scope, { limit: 10 })).toEqual([
        entry("project", "a", { label: "a" }),
        entry("project", "a/b"),
        entry("zone", "c"),
      ]);
      await store.add(scope, { series: [under("c", 1)] });
      const described = await store.describe(scope, [{ dimension: "project", path: "c" }]);
      expect(described).toEqual([entry("project", "c")]);
    });
  });
}
