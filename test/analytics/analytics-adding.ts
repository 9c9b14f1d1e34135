import { describe, expect, test } from "vitest";
import type { NewSeries } from "../../src/analytics-store/series.ts";
import { type AnalyticsUnderTest, openTenant } from "./analytics-subject.ts";
import { at, refusal, select, series, totals, under, valuesOf } from "./analytics-terms.ts";

const everything = { afterId: 0, limit: 1000 };

export function describeAdding(subject: AnalyticsUnderTest): void {
  describe("adding", () => {
    test("the ids of a batch follow one another, and its revision is the tenant's", async () => {
      const { store, scope } = await openTenant(subject);
      const added = await store.add(scope, { series: [series(), series(), series()] });
      expect(added).toMatchObject({ count: 3, replayed: false });
      const listed = await store.list(scope, {}, everything);
      const { firstId } = added;
      expect(listed.map(({ id }) => id)).toEqual([firstId, firstId + 1, firstId + 2]);
      expect(await store.changes(scope, { limit: 1 })).toMatchObject({ head: added.revision });
    });

    test("ids and revisions rise from batch to batch", async () => {
      const { store, scope } = await openTenant(subject);
      const first = await store.add(scope, { series: [series(), series()] });
      const second = await store.add(scope, { series: [series()] });
      expect(first.firstId).toBeGreaterThan(0);
      expect(second.firstId).toBeGreaterThan(first.firstId + 1);
      expect(second.revision).toBeGreaterThan(first.revision);
    });

    test("revisions rise though the clock is set back", async () => {
      const { store, scope, clock } = await openTenant(subject);
      const first = await store.add(scope, { series: [series()] });
      clock.stepBack(1000);
      const second = await store.add(scope, { series: [series()] });
      expect(second.revision).toBeGreaterThan(first.revision);
      clock.advance(1000);
    });

    test("an id is not used again when its series is deleted", async () => {
      const { store, scope } = await openTenant(subject);
      const first = await store.add(scope, { series: [series(), series()] });
      await store.delete(scope, { filter: {} });
      const second = await store.add(scope, { series: [series()] });
      expect(second.firstId).toBeGreaterThan(first.firstId + 1);
    });

    test("an empty batch is no commit, and answers the revision that there is", async () => {
      const { store, scope } = await openTenant(subject);
      const { head } = await store.changes(scope, { limit: 1 });
      const none = { firstId: 0, count: 0, replayed: false };
      expect(await store.add(scope, { series: [] })).toEqual({ ...none, revision: head });
      const { revision } = await store.add(scope, { series: [series()] });
      expect(await store.add(scope, { series: [] })).toEqual({ ...none, revision });
      expect((await store.changes(scope, { limit: 1 })).head).toBe(revision);
    });

    test("a series is listed as it was added", async () => {
      const { store, scope } = await openTenant(subject);
      const whole = {
        ...{ source: "billing/eu", metric: "Budget", unit: "DAI", value: -1.5, fn: "DssVest" },
        ...{ start: at("2024-01-01T00:00:00.001Z"), end: at("2024-12-31T23:59:59.999Z") },
        params: { cliff: "2024-02-01T00:00:00Z", note: { of: [1, null, true, "x"] } },
      };
      const dimensions = { zone: "eu/west", project: "atlas/p1/t2" };
      await store.add(scope, { series: [{ ...whole, dimensions }] });
      const [listed] = await store.list(scope, {}, everything);
      const sorted = [
        ["project", "atlas/p1/t2"],
        ["zone", "eu/west"],
      ];
      expect(listed).toEqual({ id: listed?.id, ...whole, dimensions: sorted });
    });

    test("what is not said is empty: a Single without unit, end and dimensions", async () => {
      const { store, scope } = await openTenant(subject);
      const { source, metric, start, value } = series();
      const bare = { source, metric, start, value };
      await store.add(scope, { series: [bare, { ...bare, unit: "", fn: "", dimensions: {} }] });
      for (const listed of await store.list(scope, {}, everything)) {
        expect(listed).toEqual({ id: listed.id, ...bare, unit: "", fn: "Single", dimensions: [] });
      }
    });

    test("one slash at either end of a path means nothing", async () => {
      const { store, scope } = await openTenant(subject);
      const paths = ["a/b", "/a/b", "a/b/", "/a/b/"];
      await store.add(scope, { series: paths.map((path) => under(path, 1, { source: path })) });
      expect(await store.names(scope, { of: "source", limit: 10 })).toEqual(["a/b"]);
      expect(await totals(store, scope)).toEqual({ "a/b": 4 });
    });

    test("a value keeps every bit of a double", async () => {
      const { store, scope } = await openTenant(subject);
      const values = [16_777_217, 123_456_789.12, 0.1 + 0.2, 5e-324, Number.MAX_VALUE, -1e-300, -0];
      await store.add(scope, { series: values.map((value) => series({ value })) });
      expect(await valuesOf(store, scope)).toEqual(values);
    });

    test("metrics are kept as they are written, and found by that name", async () => {
      const { store, scope } = await openTenant(subject);
      const metrics = ["FTEs", "FtEs", "http_requests_total", "a-b", "AB", "GPTTokens", "budget"];
      await store.add(scope, {
        series: metrics.map((metric, index) => series({ metric, value: index })),
      });
      for (const [index, metric] of metrics.entries()) {
        expect(await valuesOf(store, scope, { metrics: [metric] }), metric).toEqual([index]);
      }
    });

    test("the first and the last instant of time are kept to the millisecond", async () => {
      const { store, scope } = await openTenant(subject);
      const instants = ["0001-01-01", "1969-12-31T23:59:59.999Z", "9999-12-31T23:59:59.999Z"];
      const starts = instants.map(at);
      await store.add(scope, { series: starts.map((start) => series({ start })) });
      const listed = await store.list(scope, {}, everything);
      expect(listed.map(({ start }) => start)).toEqual(starts);
    });

    test("long paths and names are kept whole", async () => {
      const { store, scope } = await openTenant(subject);
      const path = Array.from({ length: 512 }, () => "a").join("/");
      const long = { metric: "m".repeat(255), unit: "ü".repeat(127), source: `${path}b` };
      const dimension = "d".repeat(255);
      await store.add(scope, { series: [series({ ...long, dimensions: { [dimension]: path } })] });
      const [listed] = await store.list(scope, {}, everything);
      expect(listed).toMatchObject({ ...long, dimensions: [[dimension, path]] });
      expect(await totals(store, scope, { select: [select(dimension)] })).toEqual({ [path]: 1 });
    });

    for (const text of hostile) {
      test(`${JSON.stringify(text)} is a name, a path and a text as any other`, async () => {
        const { store, scope } = await openTenant(subject);
        const named = { source: text, metric: text, unit: text, params: { [text]: text } };
        const dimensions = Object.fromEntries([[text, text]]);
        const dimensionMetadata = [{ dimension: text, path: text, label: text, description: text }];
        await store.add(scope, { series: [{ ...series(named), dimensions, dimensionMetadata }] });
        await store.add(scope, { series: [under("another", 2, { source: "another" })] });

        const [listed] = await store.list(scope, { metrics: [text] }, everything);
        expect(listed).toMatchObject({ ...named, dimensions: [[text, text]] });
        const asked = { select: [select(text, [text])], filter: { units: [text] } };
        expect(await totals(store, scope, asked)).toEqual(Object.fromEntries([[text, 1]]));
        const [described] = await store.describe(scope, [{ dimension: text, path: text }]);
        expect(described).toMatchObject({ label: text, description: text, icon: "" });
        const sources = { include: [text], exclude: [] };
        expect(await store.delete(scope, { filter: { sources } })).toMatchObject({ series: 1 });
        expect(await valuesOf(store, scope)).toEqual([2]);
      });
    }

    for (const [what, said, field] of refused) {
      test(`${what} is refused, naming the row`, async () => {
        const { store, scope } = await openTenant(subject);
        const batch = [series(), series(), { ...series(), ...said }, series({ value: Number.NaN })];
        const refused = await refusal(store.add(scope, { series: batch }));
        expect(refused).toEqual({ kind: "invalid_field", field: `series[2].${field}` });
      });
    }

    test("a batch that is refused leaves nothing behind", async () => {
      const { store, scope } = await openTenant(subject);
      const { revision } = await store.add(scope, { series: [under("old", 1)] });
      const dimensionMetadata = [{ dimension: "project", path: "old", label: "changed" }];
      const good = under("new", 2, {
        metric: "new",
        source: "new",
        unit: "new",
        dimensionMetadata,
      });
      await refusal(store.add(scope, { series: [good, series({ value: Number.NaN })] }));

      expect(await valuesOf(store, scope)).toEqual([1]);
      const entry = { dimension: "project", path: "old", label: "", icon: "", description: "" };
      expect(await store.dimensions(scope, { limit: 10 })).toEqual([entry]);
      expect(await store.names(scope, { of: "metric", limit: 10 })).toEqual(["metric"]);
      expect(await store.changes(scope, { limit: 1 })).toMatchObject({ head: revision });
      expect(await totals(store, scope)).toEqual({ old: 1 });
    });

    test("a large batch is added whole, in its order", async () => {
      const { store, scope } = await openTenant(subject);
      const batch = Array.from({ length: 3000 }, (_, index) => under(`p${index % 7}`, index));
      const { firstId, count } = await store.add(scope, { series: batch });
      expect(count).toBe(3000);
      const page = { afterId: firstId + 2997, limit: 10 };
      expect((await store.list(scope, {}, page)).map(({ value }) => value)).toEqual([2998, 2999]);
      const sum = Object.values(await totals(store, scope)).reduce((a, b) => a + b);
      expect(sum).toBe((2999 * 3000) / 2);
    });
  });
}

/** What has a meaning in SQL, in its patterns, in JSON, in paths or in JavaScript's objects. */
const hostile = [
  "'; drop table series; --",
  '"quoted"',
  "100%",
  "a_b",
  "back\\slash",
  "$1",
  "{a,b}",
  "NULL",
  "__proto__",
  "constructor",
  "icon",
  "label",
  "a.b",
  "x*",
  "a:b,c",
  "tab\tand\nline",
  "Größe é \u{1F600}\uFFFD",
];

const vest = { fn: "DssVest", start: at("2024"), end: at("2025") };
const refused: readonly (readonly [what: string, said: Partial<NewSeries>, field: string])[] = [
  ["NaN", { value: Number.NaN }, "value"],
  ["infinity", { value: Number.POSITIVE_INFINITY }, "value"],
  ["minus infinity", { value: Number.NEGATIVE_INFINITY }, "value"],
  ["an end before the start", { start: at("2024"), end: at("2023") }, "end_time"],
  ["a DssVest without end", { fn: "DssVest" }, "end_time"],
  ["an unknown function", { fn: "dssvest" }, "fn"],
  ["a rollup", { fn: "Rollup" }, "fn"],
  ["a part of a millisecond", { start: 0.5 }, "start_time"],
  ["a year that Timestamp does not have", { start: at("9999-12-31") + 86_400_000 }, "start_time"],
  ["a cliff that is no instant", { ...vest, params: { cliff: "soon" } }, "params.cliff"],
  ["a cliff without offset", { ...vest, params: { cliff: "2024-01-01T00:00" } }, "params.cliff"],
  ["an empty metric", { metric: "" }, "metric"],
  ["an empty source", { source: "/" }, "source"],
  ["a source with an empty segment", { source: "a//b" }, "source"],
  ["a path with an empty segment", { dimensions: { p: "a//b" } }, "dimensions[p]"],
  ["a path that matches any", { dimensions: { p: "a/*" } }, "dimensions[p]"],
  ["the path that stands for none", { dimensions: { p: "?" } }, "dimensions[p]"],
  ["a path that is too long", { dimensions: { p: "a".repeat(1025) } }, "dimensions[p]"],
  ["a dimension without name", { dimensions: { "": "a" } }, "dimensions"],
  ["a NUL character", { unit: "\0" }, "unit"],
  [
    "metadata of an empty path",
    { dimensionMetadata: [{ dimension: "p", path: "" }] },
    "dimension_metadata[0].path",
  ],
];
