import { describe, expect, test } from "vitest";
import type { Boundary } from "../../src/analytics-store/analytics-store.ts";
import { type AnalyticsUnderTest, openTenant } from "./analytics-subject.ts";
import {
  ask,
  at,
  changes,
  months,
  ofEach,
  refusal,
  runningSums,
  select,
  series,
  totals,
  under,
} from "./analytics-terms.ts";

const firstQuarter = months("2024-01", "2024-02", "2024-03", "2024-04");

/** The example that the seed's own counting was verified with. */
const onBoundaries = (
  [
    ["2023-06-01", 100],
    ["2024-01-01", 1],
    ["2024-01-15", 2],
    ["2024-02-01", 4],
    ["2024-03-31T23:59:59.999Z", 8],
    ["2024-04-01", 16],
  ] as const
).map(([start, value]) => under("a", value, { start: at(start) }));

export function describePeriods(subject: AnalyticsUnderTest): void {
  describe("periods", () => {
    test("right open: a value on a boundary counts in the period that begins there", async () => {
      const { store, scope } = await openTenant(subject);
      await store.add(scope, { series: onBoundaries });
      const { groups } = await ask(store, scope, { boundaries: firstQuarter });
      expect(groups).toHaveLength(1);
      expect(groups[0]).toMatchObject({ base: 100, key: { paths: ["a"] } });
      expect(groups.map(({ change, count }) => [[...change], [...count]])).toEqual([
        [
          [3, 4, 8],
          [2, 1, 1],
        ],
      ]);
      expect(groups.map(runningSums)).toEqual([[103, 107, 115]]);
    });

    test("left open: a value on a boundary counts in the period that ends there", async () => {
      const { store, scope } = await openTenant(subject);
      await store.add(scope, { series: onBoundaries });
      const asked = { boundaries: firstQuarter, boundary: "left_open" } as const;
      const { groups } = await ask(store, scope, asked);
      expect(groups.map(({ base }) => base)).toEqual([101]);
      expect(groups.map(({ change, count }) => [[...change], [...count]])).toEqual([
        [
          [6, 0, 8],
          [2, 0, 1],
        ],
      ]);
      expect(groups.map(runningSums)).toEqual([[107, 107, 115]]);
    });

    test("left open: the last instant counts when the series there are looked at", async () => {
      const { store, scope } = await openTenant(subject);
      await store.add(scope, { series: onBoundaries });
      const end = at("2024-04");
      const asked = { boundaries: firstQuarter, boundary: "left_open", before: end + 1 } as const;
      expect(changes(await ask(store, scope, asked))).toEqual({ a: [6, 0, 24] });
    });

    test("a period of one millisecond holds one instant", async () => {
      const { store, scope } = await openTenant(subject);
      const start = at("2024");
      const rows = [-1, 0, 1, 2].map((ms) => under("a", 10 ** (ms + 1), { start: start + ms }));
      await store.add(scope, { series: rows });
      const boundaries = [start, start + 1, start + 2];
      const open = await ask(store, scope, { boundaries });
      expect(ofEach(open, runningSums)).toEqual({ a: [11, 111] });
      const left = await ask(store, scope, {
        boundaries,
        boundary: "left_open",
        before: start + 3,
      });
      expect(ofEach(left, runningSums)).toEqual({ a: [111, 1111] });
    });

    test("instants before 1970 are told apart as all others", async () => {
      const { store, scope } = await openTenant(subject);
      const starts = ["1899-12-31T23:59:59.999Z", "1900", "1969-12-31T23:59:59.999Z", "1970"];
      const rows = starts.map((start, index) => under("a", 10 ** index, { start: at(start) }));
      await store.add(scope, { series: rows });
      const boundaries = months("1900", "1950", "1970", "1980");
      expect(changes(await ask(store, scope, { boundaries }))).toEqual({ a: [10, 100, 1000] });
    });

    test("every group has every period, whatever happens in it", async () => {
      const { store, scope } = await openTenant(subject);
      const rows = [
        under("a", 1, { start: at("2024-01-10") }),
        under("b", 2, { start: at("2024-03-10") }),
        under("before", 4, { start: at("2023-01-01") }),
      ];
      await store.add(scope, { series: rows });
      const answer = await ask(store, scope, { boundaries: firstQuarter });
      expect(changes(answer)).toEqual({ a: [1, 0, 0], b: [0, 0, 2], before: [0, 0, 0] });
      expect(ofEach(answer, ({ base }) => base)).toEqual({ a: 0, b: 0, before: 4 });
    });

    test("a group is there if one of its series begins before the query's end", async () => {
      const { store, scope } = await openTenant(subject);
      const rows = [
        under("later", 1, { start: at("2025") }),
        under("within", 2, { start: at("2025") - 1 }),
        under("both", 4, { start: at("2024-05-01") }),
        under("both", 8, { start: at("2025-05-01") }),
      ];
      await store.add(scope, { series: rows });
      expect(await totals(store, scope)).toEqual({ within: 2, both: 4 });
    });

    test("a series that begins after the last period, but before the query's end, makes a group and counts nowhere", async () => {
      const { store, scope } = await openTenant(subject);
      await store.add(scope, { series: [under("a", 1, { start: at("2024-06-01") })] });
      const asked = { boundaries: firstQuarter, before: at("2025") };
      const { groups } = await ask(store, scope, asked);
      expect(groups.map(({ base, change }) => [base, ...change])).toEqual([[0, 0, 0, 0]]);
    });

    test("series that begin at the query's end or later are not looked at, in no period", async () => {
      const { store, scope } = await openTenant(subject);
      const starts = ["2024-02-10", "2024-02-15", "2024-02-20"];
      const rows = starts.map((start, index) => under("a", 10 ** index, { start: at(start) }));
      await store.add(scope, { series: rows });
      const asked = { boundaries: firstQuarter, before: at("2024-02-15") };
      expect(changes(await ask(store, scope, asked))).toEqual({ a: [0, 1, 0] });
    });

    test("without series there are periods, and no groups", async () => {
      const { store, scope } = await openTenant(subject);
      expect((await ask(store, scope, { boundaries: firstQuarter })).groups).toEqual([]);
    });

    test("late series count as if they had come in time", async () => {
      const { store, scope } = await openTenant(subject);
      const days = ["03-20", "01-05", "02-10", "01-01", "03-01", "02-29", "01-31"];
      for (const [index, day] of days.entries()) {
        await store.add(scope, {
          series: [under("a", 10 ** index, { start: at(`2024-${day}`) })],
        });
        await ask(store, scope, { boundaries: firstQuarter });
      }
      const answer = await ask(store, scope, { boundaries: firstQuarter });
      expect(changes(answer)).toEqual({ a: [1_001_010, 100_100, 10_001] });
    });

    test("what was before the first period keeps up with late series, deletions and retention", async () => {
      const { store, scope } = await openTenant(subject);
      const base = async (start: string, boundary: Boundary) => {
        const boundaries = [at(start), at("2025")];
        const { groups } = await ask(store, scope, { boundaries, boundary });
        return groups.map((group) => group.base);
      };
      const bases = async () => [
        ...(await base("2024-03-15", "right_open")),
        ...(await base("2024-03-15", "left_open")),
        ...(await base("2024-03", "right_open")),
        ...(await base("2024-02", "left_open")),
      ];
      const add = (value: number, start: string) =>
        store.add(scope, { series: [under("a", value, { start: at(start) })] });
      const first = await add(1, "2024-01-10");
      expect(await bases()).toEqual([1, 1, 1, 1]);
      await add(2, "2024-03-15");
      expect(await bases()).toEqual([1, 3, 1, 1]);
      await add(4, "2023-05-05");
      expect(await bases()).toEqual([5, 7, 5, 5]);
      await add(8, "2024-02");
      expect(await bases()).toEqual([13, 15, 13, 13]);
      await store.delete(scope, { filter: { ids: [first.firstId] } });
      expect(await bases()).toEqual([12, 14, 12, 12]);
      await store.setRetention(scope, [{ ageMs: 0, rollUp: "monthly" }]);
      await store.applyRetention(scope, at("2024-02-02"));
      expect(await bases()).toEqual([12, 14, 12, 12]);
      await store.delete(scope, { filter: { before: at("2024") } });
      expect(await bases()).toEqual([8, 10, 8, 8]);
      await store.setRetention(scope, [{ ageMs: 0 }]);
      await store.applyRetention(scope, at("2024-03"));
      expect(await bases()).toEqual([0, 2, 0, 0]);
    });

    test("an answer says the revision that it is of", async () => {
      const { store, scope } = await openTenant(subject);
      const { revision } = await store.add(scope, { series: onBoundaries });
      expect((await ask(store, scope)).revision).toBe(revision);
      const deleted = await store.delete(scope, { filter: { from: at("2024-04") } });
      expect((await ask(store, scope)).revision).toBe(deleted.revision);
    });

    test("an answer that holds too many numbers is refused, and given when they are just as many", async () => {
      const { store, scope } = await openTenant(subject);
      await store.add(scope, { series: ["a", "b", "c", "d"].map((path) => under(path, 1)) });
      const asked = { boundaries: firstQuarter, aggregates: [{ function: "max" }] } as const;
      const numbers = 3 * 4 * 3;
      const refused = ask(store, scope, { ...asked, numbersMax: numbers - 1 });
      expect(await refusal(refused)).toMatchObject({ kind: "limit_exceeded" });
      expect((await ask(store, scope, { ...asked, numbersMax: numbers })).groups).toHaveLength(4);
      const sliced = { ...asked, numbersMax: numbers / 4, slice: { from: 1, count: 1 } };
      expect(changes(await ask(store, scope, sliced))).toEqual({ b: [1, 0, 0] });
    });

    test("slices put together are the whole answer", async () => {
      const { store, scope } = await openTenant(subject);
      const paths = ["e", "d", "c", "b", "a", "e/later"];
      await store.add(scope, { series: paths.map((path, index) => under(path, index)) });
      await store.delete(scope, { filter: { select: [select("project", ["c"])] } });
      const whole = await ask(store, scope);
      expect(whole.groups.map(({ key }) => key.paths[0])).toEqual(["e", "d", "b", "a", "e/later"]);
      for (const count of [1, 2, 100]) {
        const parts = [];
        for (let from = 0; from < whole.groupsTotal; from += count) {
          const { groups, groupsTotal } = await ask(store, scope, { slice: { from, count } });
          expect(groups.length).toBeLessThanOrEqual(count);
          expect(groupsTotal).toBe(whole.groupsTotal);
          parts.push(...groups);
        }
        expect(parts).toEqual(whole.groups);
      }
      const beyond = { slice: { from: whole.groupsTotal, count: 10 } };
      expect((await ask(store, scope, beyond)).groups).toEqual([]);
    });

    test("whoever asks is told how long the stages took and what was done, with the same answer", async () => {
      const { store, scope } = await openTenant(subject);
      await store.add(scope, { series: onBoundaries });
      const stages: number[] = [];
      const plans: string[] = [];
      const profiler = {
        stage: (_: string, ms: number) => void stages.push(ms),
        plan: (text: string) => void plans.push(text),
      };
      const told = await ask(store, scope, { profiler });
      expect(stages.length).toBeGreaterThan(0);
      expect(stages.every((ms) => ms >= 0)).toBe(true);
      expect(plans.join("")).not.toBe("");
      expect(told.groups).toEqual((await ask(store, scope)).groups);
    });

    test("many periods are answered as few are", async () => {
      const { store, scope } = await openTenant(subject);
      const hours = Array.from({ length: 8785 }, (_, hour) => at("2024") + hour * 3_600_000);
      const rows = hours
        .filter((_, hour) => hour % 97 === 0)
        .map((start, index) => under("a", index + 1, { start }));
      await store.add(scope, { series: rows });
      const { groups } = await ask(store, scope, { boundaries: hours });
      const change = [...(groups[0]?.change ?? [])];
      expect(change).toHaveLength(8784);
      expect(change.map((_, hour) => (hour % 97 === 0 ? hour / 97 + 1 : 0))).toEqual(change);
    });

    test("the first and the last instant of time can be boundaries", async () => {
      const { store, scope } = await openTenant(subject);
      const start = at("0001-01-01");
      const end = at("9999-12-31T23:59:59.999Z");
      await store.add(scope, { series: [series({ start }), series({ start: end, value: 2 })] });
      const { groups } = await ask(store, scope, {
        boundaries: [start, at("2000"), end + 1],
        select: [],
      });
      expect(groups.map(({ change }) => [...change])).toEqual([[1, 2]]);
    });
  });
}
