import { describe, expect, test } from "vitest";
import type { Aggregate } from "../../src/analytics-store/analytics-store.ts";
import { type AnalyticsUnderTest, openTenant } from "./analytics-subject.ts";
import { ask, at, expectNear, months, refusal, select, series, under } from "./analytics-terms.ts";

const of = (name: Aggregate["function"]): Aggregate => ({ function: name });
const percentile = (number: number): Aggregate => ({ function: "percentile", percentile: number });
const every = (["count", "avg", "min", "max", "first", "last"] as const).map(of);
const quarter = months("2024-01", "2024-02", "2024-03", "2024-04");

export function describeAggregates(subject: AnalyticsUnderTest): void {
  describe("aggregates", () => {
    test("are of the values of the series that begin in the period", async () => {
      const { store, scope } = await openTenant(subject);
      const rows = [
        under("a", 1000, { start: at("2023-12-31") }),
        under("a", 5, { start: at("2024-01-20") }),
        under("a", -3, { start: at("2024-01-10") }),
        under("a", 10, { start: at("2024-01-15") }),
        under("a", 7, { start: at("2024-03-15") }),
        under("b", 100, { start: at("2024-01-15") }),
      ];
      await store.add(scope, { series: rows });
      const { groups } = await ask(store, scope, { boundaries: quarter, aggregates: every });
      expect(groups[0]?.aggregates.map((column) => [...column])).toEqual([
        [3, 0, 1],
        [4, NaN, 7],
        [-3, NaN, 7],
        [10, NaN, 7],
        [-3, NaN, 7],
        [5, NaN, 7],
      ]);
      const other = groups[1]?.aggregates.map((column) => column[0]);
      expect(other).toEqual([1, 100, 100, 100, 100, 100]);
    });

    test("are answered in the order in which they were asked for, each as often", async () => {
      const { store, scope } = await openTenant(subject);
      await store.add(scope, { series: [under("a", 1), under("a", 3)] });
      const aggregates = [of("max"), percentile(50), of("min"), of("max"), percentile(0)];
      const { groups } = await ask(store, scope, { aggregates });
      expect(groups[0]?.aggregates.map((column) => column[0])).toEqual([3, 2, 1, 3, 1]);
    });

    test("of a function that is not known are refused, naming it", async () => {
      const { store, scope } = await openTenant(subject);
      const median = of("median" as Aggregate["function"]);
      const asked = { aggregates: [of("max"), median] };
      const refused = { kind: "invalid_field", field: "aggregates[1].function" };
      expect(await refusal(ask(store, scope, asked))).toEqual(refused);
      await store.add(scope, { series: [under("a", 1)] });
      expect(await refusal(ask(store, scope, asked))).toEqual(refused);
      const inherited = { aggregates: [of("toString" as Aggregate["function"])] };
      expect(await refusal(ask(store, scope, inherited))).toMatchObject({ kind: "invalid_field" });
    });

    test("on a boundary belong to the period that the instant belongs to", async () => {
      const { store, scope } = await openTenant(subject);
      await store.add(scope, { series: [under("a", 4, { start: at("2024-02") })] });
      const aggregates = [of("max")];
      const right = await ask(store, scope, { boundaries: quarter, aggregates });
      expect([...(right.groups[0]?.aggregates[0] ?? [])]).toEqual([NaN, 4, NaN]);
      const asked = { boundaries: quarter, aggregates, boundary: "left_open" } as const;
      const left = await ask(store, scope, asked);
      expect([...(left.groups[0]?.aggregates[0] ?? [])]).toEqual([4, NaN, NaN]);
    });

    test("first and last go by the start, and of one start by the id", async () => {
      const { store, scope } = await openTenant(subject);
      const [early, late] = [at("2024-01-10"), at("2024-01-20")];
      const starts = [late, early, early, late, early, late];
      const rows = starts.map((start, index) => under("a", index, { start }));
      await store.add(scope, { series: rows.slice(0, 3) });
      await store.add(scope, { series: rows.slice(3) });
      const { groups } = await ask(store, scope, { aggregates: [of("first"), of("last")] });
      expect(groups[0]?.aggregates.map((column) => column[0])).toEqual([1, 5]);
    });

    test("first and last are of the whole group, whatever cells it is made of", async () => {
      const { store, scope } = await openTenant(subject);
      const rows = ["a/4", "a/3", "a/2", "a/1"].map((path, index) =>
        under(path, index, { start: at("2024-01-20") - (index % 2) }),
      );
      await store.add(scope, { series: rows });
      const asked = {
        aggregates: [of("first"), of("last")],
        select: [select("project", [], { levelOfDetail: 1 })],
      };
      const { groups } = await ask(store, scope, asked);
      expect(groups[0]?.aggregates.map((column) => column[0])).toEqual([1, 2]);
    });

    test("the smallest and the largest are right when all are negative, or nought", async () => {
      const { store, scope } = await openTenant(subject);
      await store.add(scope, { series: [under("a", -5), under("a", -2), under("b", 0)] });
      const { groups } = await ask(store, scope, { aggregates: [of("min"), of("max")] });
      expect(groups.map((group) => group.aggregates.map((column) => column[0]))).toEqual([
        [-5, -2],
        [0, 0],
      ]);
    });

    test("a mean is of all series, not of the means of cells", async () => {
      const { store, scope } = await openTenant(subject);
      const rows = [under("a/1", 0), under("a/1", 0), under("a/1", 0), under("a/2", 8)];
      await store.add(scope, { series: rows });
      const cut = [select("project", [], { levelOfDetail: 1 })];
      const { groups } = await ask(store, scope, { aggregates: [of("avg")], select: cut });
      expect(groups[0]?.aggregates[0]?.[0]).toBe(2);
    });

    test("percentiles are exact, between the two nearest", async () => {
      const { store, scope } = await openTenant(subject);
      const values = [40, 15, 50, 20, 35];
      await store.add(scope, { series: values.map((value) => series({ value })) });
      const asked = [0, 5, 30, 40, 50, 90, 100];
      const aggregates = asked.map(percentile);
      const { groups } = await ask(store, scope, { aggregates, select: [] });
      const answered = groups[0]?.aggregates.map((column) => column[0] as number) ?? [];
      expectNear(answered, [15, 16, 23, 29, 35, 46, 50]);
    });

    test("percentiles are of each group and period apart, NaN where nothing begins", async () => {
      const { store, scope } = await openTenant(subject);
      const rows = [
        under("a", 1, { start: at("2024-01-10") }),
        under("b", 30, { start: at("2024-01-11") }),
        under("a", 2, { start: at("2024-03-10") }),
        under("a", 4, { start: at("2024-03-11") }),
        under("a", 8, { start: at("2024-04-10") }),
        under("a", 16, { start: at("2023-04-10") }),
      ];
      await store.add(scope, { series: rows });
      const asked = { boundaries: quarter, aggregates: [percentile(50)], before: at("2025") };
      const { groups } = await ask(store, scope, asked);
      expect(groups.map((group) => [...(group.aggregates[0] ?? [])])).toEqual([
        [1, NaN, 3],
        [30, NaN, NaN],
      ]);
    });

    test("are of the series before the query's end alone", async () => {
      const { store, scope } = await openTenant(subject);
      const rows = [10, 20].map((day) => under("a", day, { start: at(`2024-01-${day}`) }));
      await store.add(scope, { series: rows });
      const asked = { before: at("2024-01-20"), aggregates: [...every, percentile(100)] };
      const { groups } = await ask(store, scope, asked);
      expect(groups[0]?.aggregates.map((column) => column[0])).toEqual([1, 10, 10, 10, 10, 10, 10]);
    });

    test("forget what is deleted", async () => {
      const { store, scope } = await openTenant(subject);
      const { firstId } = await store.add(scope, {
        series: [3, 9, 1, 5].map((value, index) =>
          under("a", value, { start: at("2024") + index }),
        ),
      });
      await ask(store, scope, { aggregates: every });
      await store.delete(scope, { filter: { ids: [firstId + 1, firstId + 2] } });
      const { groups } = await ask(store, scope, { aggregates: [...every, percentile(100)] });
      expect(groups[0]?.aggregates.map((column) => column[0])).toEqual([2, 4, 3, 5, 3, 5, 5]);
    });
  });
}
