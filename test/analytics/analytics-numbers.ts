import { describe, expect, test } from "vitest";
import { type AnalyticsUnderTest, openTenant } from "./analytics-subject.ts";
import { ask, at, changes, expectNear, series, under } from "./analytics-terms.ts";

const hours = (count: number): number[] =>
  Array.from({ length: count + 1 }, (_, hour) => at("2024-01-01") + hour * 3_600_000);
const minute = (number: number): number => at("2024-01-01") + number * 60_000;

export function describeNumbers(subject: AnalyticsUnderTest): void {
  describe("doubles", () => {
    test("a small value is not lost beside a great one of another period", async () => {
      const { store, scope } = await openTenant(subject);
      const rows = [
        under("a", 1e17, { start: at("2023-01-01") }),
        under("a", 0.25, { start: at("2024-01-10") }),
        under("a", 1e17, { start: at("2024-02-10") }),
        under("a", 0.125, { start: at("2024-03-10") }),
      ];
      await store.add(scope, { series: rows });
      const boundaries = ["2024-01", "2024-02", "2024-03", "2024-04"].map(at);
      const answer = await ask(store, scope, { boundaries });
      expect(changes(answer)).toEqual({ a: [0.25, 1e17, 0.125] });
    });

    test("a small value is not lost beside a great one of the same day", async () => {
      const { store, scope } = await openTenant(subject);
      const rows = [
        under("a", 1e17, { start: minute(10) }),
        under("a", 0.25, { start: minute(70) }),
        under("a", -1e17, { start: minute(130) }),
        under("a", 0.125, { start: minute(190) }),
      ];
      await store.add(scope, { series: rows });
      const answer = await ask(store, scope, { boundaries: hours(4) });
      expect(changes(answer)).toEqual({ a: [1e17, 0.25, -1e17, 0.125] });
      const later = await ask(store, scope, { boundaries: hours(4).slice(1) });
      expect(changes(later)).toEqual({ a: [0.25, -1e17, 0.125] });
      expect(later.groups.map(({ base }) => base)).toEqual([1e17]);
    });

    test("what is left when a great value is deleted is as if that had never been", async () => {
      const { store, scope } = await openTenant(subject);
      const rows = [under("a", 0.25), under("a", 1e17), under("a", 0.5)];
      const { firstId } = await store.add(scope, { series: rows });
      const boundaries = ["2024", "2024-07", "2025"].map(at);
      await ask(store, scope, { boundaries });
      await store.delete(scope, { filter: { ids: [firstId + 1] } });
      expect(changes(await ask(store, scope, { boundaries }))).toEqual({ a: [0.75, 0] });
      const later = await ask(store, scope, { boundaries: boundaries.slice(1) });
      expect(later.groups.map(({ base }) => base)).toEqual([0.75]);
    });

    test("sums that no double holds are infinite, and fail no question", async () => {
      const { store, scope } = await openTenant(subject);
      const most = Number.MAX_VALUE;
      const rows = [under("a", most), under("a", most), under("b", 1), under("c", -most)];
      await store.add(scope, { series: [...rows, under("c", -most)] });
      const answer = await ask(store, scope);
      expect(changes(answer)).toEqual({ a: [Infinity], b: [1], c: [-Infinity] });
      const later = await ask(store, scope, { boundaries: ["2025", "2026"].map(at) });
      expect(later.groups.map(({ base }) => base)).toEqual([Infinity, 1, -Infinity]);
    });

    test("great values have a mean, whose squares no double holds", async () => {
      const { store, scope } = await openTenant(subject);
      await store.add(scope, { series: [1e200, -1e200, 3e200].map((value) => under("a", value)) });
      const aggregates = [{ function: "avg" }, { function: "min" }, { function: "max" }] as const;
      const { groups } = await ask(store, scope, { aggregates });
      expectNear(
        groups[0]?.aggregates.map((column) => column[0] as number) ?? [],
        [1e200, -1e200, 3e200],
      );
    });

    test("tiny values are not taken for nothing", async () => {
      const { store, scope } = await openTenant(subject);
      const least = 5e-324;
      const rows = [least, least, 1e-310].map((value) => under("a", value));
      await store.add(scope, { series: rows });
      const aggregates = [{ function: "min" }, { function: "avg" }] as const;
      const { groups } = await ask(store, scope, { aggregates });
      expect(groups[0]?.change[0]).toBe(1e-310 + 2 * least);
      expect(groups[0]?.aggregates.map((column) => column[0] as number)).toEqual([
        least,
        (1e-310 + 2 * least) / 3,
      ]);
    });

    test("a great DssVest accrues bit by bit", async () => {
      const { store, scope } = await openTenant(subject);
      const [start, , , , end] = hours(4) as [number, number, number, number, number];
      const vest = { fn: "DssVest", start, end };
      await store.add(scope, { series: [under("a", 1e308, vest)] });
      const { groups } = await ask(store, scope, { boundaries: hours(4) });
      expectNear(groups[0]?.change ?? [], [2.5e307, 2.5e307, 2.5e307, 2.5e307]);
    });

    test("the sign of nought is no matter to sums", async () => {
      const { store, scope } = await openTenant(subject);
      await store.add(scope, { series: [series({ value: -0 }), series({ value: 0 })] });
      const aggregates = [{ function: "avg" }, { function: "last" }] as const;
      const { groups } = await ask(store, scope, { select: [], aggregates });
      const numbers = [groups[0]?.change[0], ...(groups[0]?.aggregates.map(([one]) => one) ?? [])];
      expect(numbers.map((number) => number === 0)).toEqual([true, true, true]);
    });
  });
}
