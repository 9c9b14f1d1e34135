import { describe, expect, test } from "vitest";
import { type AnalyticsUnderTest, openTenant } from "./analytics-subject.ts";
import { ask, at, refusal, series, under, valuesOf } from "./analytics-terms.ts";
import { dayMs, everything, kept, now, retire, startingAt } from "./retention-terms.ts";

export function describeRollups(subject: AnalyticsUnderTest): void {
  describe("rollups", () => {
    for (const [rollUp, expected] of [
      [
        "hourly",
        [
          ["2024-01-01T00:59:59.999Z", 3, "Rollup"],
          ["2024-01-01T01:00:00.000Z", 4, "Rollup"],
          ["2024-01-31T23:59:59.999Z", 8, "Rollup"],
          ["2024-02-01T00:00:00.000Z", 16, "Rollup"],
        ],
      ],
      [
        "daily",
        [
          ["2024-01-01T01:00:00.000Z", 7, "Rollup"],
          ["2024-01-31T23:59:59.999Z", 8, "Rollup"],
          ["2024-02-01T00:00:00.000Z", 16, "Rollup"],
        ],
      ],
      [
        "monthly",
        [
          ["2024-01-31T23:59:59.999Z", 15, "Rollup"],
          ["2024-02-01T00:00:00.000Z", 16, "Rollup"],
        ],
      ],
    ] as const) {
      test(`what goes is rolled up ${rollUp}, by the calendar of UTC, at the start of the last`, async () => {
        const { store, scope } = await openTenant(subject);
        const starts = [
          "2024-01-01",
          "2024-01-01T00:59:59.999Z",
          "2024-01-01T01:00:00Z",
          "2024-01-31T23:59:59.999Z",
          "2024-02-01",
          "2024-11-30T12:00:00Z",
        ];
        await store.add(scope, { series: startingAt(starts) });
        const retired = await retire(store, scope, [{ ageMs: dayMs, rollUp }]);
        expect(retired).toEqual({ deleted: 5, rollups: expected.length });
        const young = ["2024-11-30T12:00:00.000Z", 32, "Single"];
        expect(await kept(store, scope)).toEqual([...expected, young]);
      });
    }

    test("years before 1970 have hours, days and months too", async () => {
      const { store, scope } = await openTenant(subject);
      const starts = ["1960-02-01", "1960-02-29T23:59:59.999Z", "1960-01-31T23:59:59.999Z"];
      await store.add(scope, { series: startingAt(starts) });
      await retire(store, scope, [{ ageMs: dayMs, rollUp: "monthly" }]);
      expect(await kept(store, scope)).toEqual([
        ["1960-01-31T23:59:59.999Z", 4, "Rollup"],
        ["1960-02-29T23:59:59.999Z", 3, "Rollup"],
      ]);
    });

    test("sources, metrics, units and paths are rolled up apart", async () => {
      const { store, scope } = await openTenant(subject);
      const alike = { start: at("2024-01-01") };
      const rows = [
        under("a", 1, alike),
        under("a", 2, { ...alike, source: "other" }),
        under("a", 4, { ...alike, metric: "other" }),
        under("a", 8, { ...alike, unit: "other" }),
        under("b", 16, alike),
        series({ ...alike, value: 32 }),
        under("a", 64, alike),
      ];
      await store.add(scope, { series: rows });
      const retired = await retire(store, scope, [{ count: 0, rollUp: "monthly" }]);
      expect(retired).toEqual({ deleted: 7, rollups: 6 });
      const values = await valuesOf(store, scope);
      expect(values.toSorted((a, b) => a - b)).toEqual([2, 4, 8, 16, 32, 65]);
    });

    test("a rollup says what it is made of", async () => {
      const { store, scope } = await openTenant(subject);
      const days = ["2024-01-03", "2024-01-01", "2024-01-02"];
      const said = { unit: "DAI", source: "s/t", params: { note: "gone" } };
      const rows = days.map((start, index) =>
        under("a", [-5, 10, 3][index] as number, { ...said, start: at(start) }),
      );
      await store.add(scope, { series: rows });
      await retire(store, scope, [{ ageMs: dayMs, rollUp: "monthly" }]);
      const [rollup, ...others] = await store.list(scope, {}, everything);
      expect(others).toEqual([]);
      expect(rollup).toMatchObject({
        ...{ source: "s/t", metric: "metric", unit: "DAI", value: 8, start: at("2024-01-03") },
        ...{ fn: "Rollup", dimensions: [["project", "a"]] },
      });
      expect(rollup?.params).toEqual({ count: 3, min: -5, max: 10, first: 10, last: -5 });
    });

    test("answers to periods as long as the rollups, and longer, are as before", async () => {
      const { store, scope } = await openTenant(subject);
      const rows = Array.from({ length: 60 }, (_, index) =>
        under("a", (index * 7) % 13, { start: at("2024-01-01") + ((index * 37) % 60) * 3_600_000 }),
      );
      await store.add(scope, { series: rows });
      const functions = ["count", "avg", "min", "max", "first", "last"] as const;
      const asked = {
        boundaries: [at("2024-01-01"), at("2024-01-02"), at("2024-01-03"), at("2024-01-05")],
        aggregates: functions.map((of) => ({ function: of })),
      };
      const before = await ask(store, scope, asked);
      expect(before.rolledUpTo).toBeUndefined();
      await retire(store, scope, [{ ageMs: dayMs, rollUp: "daily" }]);
      expect(await store.list(scope, {}, everything)).toHaveLength(3);
      const after = await ask(store, scope, asked);
      expect(after.groups).toEqual(before.groups);
      expect(after.rolledUpTo).toBe(at("2024-01-03T11:00:00Z"));
    });

    test("rules applied again and again roll up days, later their months, and what comes late", async () => {
      const { store, scope } = await openTenant(subject);
      const month = 31 * dayMs;
      await store.setRetention(scope, [
        { ageMs: dayMs, rollUp: "daily" },
        { ageMs: month, rollUp: "monthly" },
      ]);
      const days = ["2024-10-30T01:00:00Z", "2024-10-30T02:00:00Z", "2024-10-31", "2024-11-02"];
      await store.add(scope, { series: startingAt(days) });
      await store.applyRetention(scope, at("2024-11-04"));
      expect(await kept(store, scope)).toEqual([
        ["2024-10-30T02:00:00.000Z", 3, "Rollup"],
        ["2024-10-31T00:00:00.000Z", 4, "Rollup"],
        ["2024-11-02T00:00:00.000Z", 8, "Rollup"],
      ]);
      await store.add(scope, { series: [under("a", 16, { start: at("2024-10-31T05:00:00Z") })] });
      await store.applyRetention(scope, at("2024-11-04") + 1);
      expect(await store.applyRetention(scope, at("2024-11-04") + 2)).toMatchObject({ deleted: 0 });
      expect((await kept(store, scope))[1]).toEqual(["2024-10-31T05:00:00.000Z", 20, "Rollup"]);
      await store.applyRetention(scope, at("2024-12-03"));
      await store.applyRetention(scope, at("2024-12-03") + 1);
      expect(await kept(store, scope)).toEqual([
        ["2024-10-31T05:00:00.000Z", 23, "Rollup"],
        ["2024-11-02T00:00:00.000Z", 8, "Rollup"],
      ]);
    });

    test("a late series counts in its place before it is rolled up, and after", async () => {
      const { store, scope } = await openTenant(subject);
      const aggregates = [{ function: "first" }, { function: "last" }] as const;
      await store.add(scope, { series: startingAt(["2024-01-05", "2024-01-20"]) });
      const rules = [{ ageMs: dayMs, rollUp: "monthly" }] as const;
      await retire(store, scope, rules);
      await store.add(scope, { series: [under("a", 8, { start: at("2024-01-10") })] });
      const answered = async () => {
        const { groups } = await ask(store, scope, { aggregates });
        return groups.map(({ change, count, aggregates: columns }) =>
          [change, count, ...columns].map((column) => column[0]),
        );
      };
      expect(await answered()).toEqual([[11, 3, 1, 2]]);
      expect(await store.applyRetention(scope, now)).toMatchObject({ rollups: 1 });
      expect(await kept(store, scope)).toEqual([["2024-01-20T00:00:00.000Z", 11, "Rollup"]]);
      expect(await answered()).toEqual([[11, 3, 1, 2]]);
    });

    test("a late series moves the start of its rollup, if it is the last now", async () => {
      const { store, scope } = await openTenant(subject);
      const rules = [{ ageMs: dayMs, rollUp: "monthly" }] as const;
      await store.add(scope, { series: startingAt(["2024-01-05", "2024-01-10"]) });
      await retire(store, scope, rules);
      await store.add(scope, { series: [under("a", 8, { start: at("2024-01-15") })] });
      await store.applyRetention(scope, now);
      const [rollup] = await store.list(scope, {}, everything);
      const params = { count: 3, min: 1, max: 8, first: 1, last: 8 };
      expect(rollup).toMatchObject({ start: at("2024-01-15"), value: 11, params });
    });

    test("coarser rules gather finer rollups", async () => {
      const { store, scope } = await openTenant(subject);
      const starts = ["2024-01-01", "2024-01-01T12:00:00Z", "2024-01-02", "2024-02-01"];
      await store.add(scope, { series: startingAt(starts) });
      await retire(store, scope, [{ ageMs: dayMs, rollUp: "daily" }]);
      await retire(store, scope, [{ ageMs: dayMs, rollUp: "monthly" }]);
      expect(await kept(store, scope)).toEqual([
        ["2024-01-02T00:00:00.000Z", 7, "Rollup"],
        ["2024-02-01T00:00:00.000Z", 8, "Rollup"],
      ]);
      const [rollup] = await store.list(scope, { before: at("2024-01-31") }, everything);
      const params = { count: 3, min: 1, max: 4, first: 1, last: 4 };
      expect(rollup).toMatchObject({ params });
    });

    test("coarser rules gather what a finer one has rolled up since, though it is younger", async () => {
      const { store, scope } = await openTenant(subject);
      await store.add(scope, { series: startingAt(["2024-11-05", "2024-11-25"]) });
      const rules = [
        { ageMs: 10 * dayMs, rollUp: "monthly" },
        { count: 0, rollUp: "daily" },
      ] as const;
      expect(await retire(store, scope, rules)).toEqual({ deleted: 2, rollups: 2 });
      expect(await store.applyRetention(scope, now)).toEqual({ deleted: 2, rollups: 1 });
      expect(await kept(store, scope)).toEqual([["2024-11-25T00:00:00.000Z", 3, "Rollup"]]);
    });

    test("finer rules leave coarser rollups as they are", async () => {
      const { store, scope } = await openTenant(subject);
      await store.add(scope, { series: startingAt(["2024-01-01", "2024-01-20"]) });
      await retire(store, scope, [{ ageMs: dayMs, rollUp: "monthly" }]);
      const before = await store.list(scope, {}, everything);
      const retired = await retire(store, scope, [{ ageMs: dayMs, rollUp: "hourly" }]);
      expect(retired).toEqual({ deleted: 0, rollups: 0 });
      expect(await store.list(scope, {}, everything)).toEqual(before);
    });

    test("series of one start that are kept by count stay so, though the rollup has their start too", async () => {
      const { store, scope } = await openTenant(subject);
      const rows = [1, 2, 4, 8].map((value) => under("a", value));
      await store.add(scope, { series: rows });
      const rule = { count: 2, rollUp: "daily" } as const;
      await retire(store, scope, [rule]);
      expect(await store.applyRetention(scope, now)).toEqual({ deleted: 0, rollups: 0 });
      const singles = (await store.list(scope, {}, everything)).filter(({ fn }) => fn === "Single");
      expect(singles.map(({ value }) => value)).toEqual([4, 8]);
      const aggregates = [{ function: "first" }, { function: "last" }] as const;
      const { groups } = await ask(store, scope, { aggregates });
      expect(groups[0]?.aggregates.map((column) => column[0])).toEqual([1, 8]);

      await retire(store, scope, [{ ...rule, count: 0 }]);
      const [rollup, ...others] = await store.list(scope, {}, everything);
      expect(others).toEqual([]);
      const params = { count: 4, min: 1, max: 8, first: 1, last: 8 };
      expect(rollup).toMatchObject({ value: 15, params });
    });

    test("percentiles are refused where a rollup is, and nowhere else", async () => {
      const { store, scope } = await openTenant(subject);
      const rows = [
        ...startingAt(["2024-01-10", "2024-11-30T12:00:00Z"]),
        under("b", 8, { start: at("2024-11-30T12:00:00Z") }),
      ];
      await store.add(scope, { series: rows });
      await retire(store, scope, [{ ageMs: dayMs, rollUp: "monthly" }]);
      const asked = { aggregates: [{ function: "percentile", percentile: 50 }] } as const;
      expect(await refusal(ask(store, scope, asked))).toMatchObject({ kind: "rolled_up" });
      const later = { ...asked, boundaries: [at("2024-02"), at("2025")] };
      expect((await ask(store, scope, later)).groups).toHaveLength(2);
      const other = await ask(store, scope, { ...asked, slice: { from: 1, count: 1 } });
      expect(other.groups.map(({ key }) => key.paths)).toEqual([["b"]]);
    });

    test("an answer says how far it is rolled up, if it counts what is", async () => {
      const { store, scope } = await openTenant(subject);
      await store.add(scope, { series: startingAt(["2024-01-10", "2024-03-10", "2024-11-30"]) });
      await store.add(scope, { series: [under("b", 1, { metric: "other" })] });
      await retire(store, scope, [{ metric: "metric", ageMs: 2 * dayMs, rollUp: "daily" }]);
      const rolledUpTo = async (asked: object) => (await ask(store, scope, asked)).rolledUpTo;
      expect(await rolledUpTo({})).toBe(at("2024-03-10"));
      expect(await rolledUpTo({ boundaries: [at("2024"), at("2024-02")] })).toBe(at("2024-01-10"));
      expect(await rolledUpTo({ boundaries: [at("2024-06"), at("2025")] })).toBe(at("2024-03-10"));
      expect(await rolledUpTo({ boundaries: [at("2023"), at("2024")] })).toBeUndefined();
      expect(await rolledUpTo({ filter: { metrics: ["other"] } })).toBeUndefined();
    });

    test("values whose sum no double holds are rolled up into what the sum would be", async () => {
      const { store, scope } = await openTenant(subject);
      const most = Number.MAX_VALUE;
      const rows = [under("a", most), under("a", most), under("b", 1)];
      await store.add(scope, { series: rows });
      const retired = await retire(store, scope, [{ count: 0, rollUp: "monthly" }]);
      expect(retired).toEqual({ deleted: 3, rollups: 2 });
      const aggregates = [{ function: "max" }, { function: "count" }] as const;
      const { groups } = await ask(store, scope, { aggregates });
      const numbers = groups.map((group) => [
        group.change[0],
        ...group.aggregates.map(([one]) => one),
      ]);
      expect(numbers).toEqual([
        [Number.POSITIVE_INFINITY, most, 2],
        [1, 1, 1],
      ]);
    });

    test("a rollup is deleted as any series", async () => {
      const { store, scope } = await openTenant(subject);
      await store.add(scope, { series: startingAt(["2024-01-05", "2024-01-10", "2024-02-10"]) });
      await retire(store, scope, [{ ageMs: dayMs, rollUp: "monthly" }]);
      const filter = { before: at("2024-02") };
      expect(await store.delete(scope, { filter })).toMatchObject({ series: 1 });
      expect(await valuesOf(store, scope)).toEqual([4]);
      const { groups } = await ask(store, scope, { aggregates: [{ function: "count" }] });
      expect(groups.map(({ change, count }) => [change[0], count[0]])).toEqual([[4, 1]]);
    });
  });
}
