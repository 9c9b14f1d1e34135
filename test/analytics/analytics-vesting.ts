import { describe, expect, test } from "vitest";
import type { Boundary } from "../../src/analytics-store/analytics-store.ts";
import type { NewSeries } from "../../src/analytics-store/series.ts";
import { type AnalyticsUnderTest, openTenant } from "./analytics-subject.ts";
import { ask, at, expectNear, under } from "./analytics-terms.ts";

/** Ten periods of one day: 1 to 11 January. */
const days = Array.from({ length: 11 }, (_, day) => at("2024-01-01") + day * 86_400_000);
const day = (number: number): number => at("2024-01-01") + (number - 1) * 86_400_000;
const cliff = (text: string) => ({ params: { cliff: text } });

const vest = (value: number, said: Partial<NewSeries>): NewSeries =>
  under("a", value, { fn: "DssVest", ...said });

/** What accrues in each of the ten days. */
const eachDay = (amounts: Readonly<Record<number, number>>): number[] =>
  Array.from({ length: 10 }, (_, index) => amounts[index + 1] ?? 0);

const range = (from: number, to: number, amount: number): Record<number, number> =>
  Object.fromEntries(Array.from({ length: to - from + 1 }, (_, index) => [from + index, amount]));

export function describeVesting(subject: AnalyticsUnderTest): void {
  async function expectAccrual(
    said: NewSeries,
    { base = 0, ...expected }: { base?: number; right: number[]; left?: number[] },
  ): Promise<void> {
    const { store, scope } = await openTenant(subject);
    await store.add(scope, { series: [said] });
    const { right, left = right } = expected;
    for (const [boundary, change] of [
      ["right_open", right],
      ["left_open", left],
    ] as readonly [Boundary, number[]][]) {
      const asked = { boundaries: days, boundary, before: at("2030") };
      const { groups } = await ask(store, scope, asked);
      expectNear([groups[0]?.base as number, ...(groups[0]?.change ?? [])], [base, ...change]);
    }
  }

  describe("a DssVest", () => {
    test("accrues evenly from its start to its end", () =>
      expectAccrual(vest(80, { start: day(2), end: day(10) }), {
        right: eachDay(range(2, 9, 10)),
      }));

    test("accrues by the millisecond", () =>
      expectAccrual(vest(4, { start: day(2) + 43_200_000, end: day(4) + 43_200_000 }), {
        right: eachDay({ 2: 1, 3: 2, 4: 1 }),
      }));

    test("that began before has its part before the first period", () =>
      expectAccrual(vest(100, { start: day(-8), end: day(12) }), {
        base: 45,
        right: eachDay(range(1, 10, 5)),
      }));

    test("that ended before is there whole before the first period", () =>
      expectAccrual(vest(100, { start: day(-8), end: day(0) }), { base: 100, right: eachDay({}) }));

    test("that ended in the month of the first period, but before it, is there once", async () => {
      const { store, scope } = await openTenant(subject);
      const held = { start: day(2), end: day(3), ...cliff("2024-01-05T00:00:00Z") };
      await store.add(scope, {
        series: [vest(100, { start: day(2), end: day(4) }), vest(1, held)],
      });
      const boundaries = [day(5), day(6), day(7)];
      const { groups } = await ask(store, scope, { boundaries });
      expect(groups).toMatchObject([{ base: 100, change: Float64Array.of(1, 0) }]);
      const left = await ask(store, scope, { boundaries, boundary: "left_open" });
      expect(left.groups).toMatchObject([{ base: 101, change: Float64Array.of(0, 0) }]);
    });

    test("that ended before is there whole beside one that has not", async () => {
      const { store, scope } = await openTenant(subject);
      const ended = vest(100, { start: day(-8), end: day(0) });
      const running = vest(30, { start: day(-4), end: day(11) });
      await store.add(scope, {
        series: [running, ended, vest(7, { start: day(20), end: day(30) })],
      });
      const { groups } = await ask(store, scope, { boundaries: days, before: at("2030") });
      expectNear([groups[0]?.base ?? 0], [110]);
      expectNear(groups[0]?.change ?? [], eachDay(range(1, 10, 2)));
    });

    test("shows nothing before its cliff, where what has accrued comes at once", () =>
      expectAccrual(vest(80, { start: day(2), end: day(10), ...cliff("2024-01-05T12:00:00Z") }), {
        right: eachDay({ 5: 40, ...range(6, 9, 10) }),
      }));

    test("counts the jump of a cliff on a boundary as a value there", () =>
      expectAccrual(vest(80, { start: day(2), end: day(10), ...cliff("2024-01-05T00:00:00Z") }), {
        right: eachDay({ 5: 40, ...range(6, 9, 10) }),
        left: eachDay({ 4: 30, ...range(5, 9, 10) }),
      }));

    test("reads its cliff with its offset", () =>
      expectAccrual(
        vest(80, { start: day(2), end: day(10), ...cliff("2024-01-05T02:00:00+02:00") }),
        {
          right: eachDay({ 5: 40, ...range(6, 9, 10) }),
          left: eachDay({ 4: 30, ...range(5, 9, 10) }),
        },
      ));

    test("takes no notice of a cliff before its start", () =>
      expectAccrual(vest(80, { start: day(2), end: day(10), ...cliff("2023-01-01T00:00:00Z") }), {
        right: eachDay(range(2, 9, 10)),
      }));

    test("comes at once at a cliff that is its end", () =>
      expectAccrual(vest(80, { start: day(2), end: day(10), ...cliff("2024-01-10T00:00:00Z") }), {
        right: eachDay({ 10: 80 }),
        left: eachDay({ 9: 80 }),
      }));

    test("comes at once at a cliff after its end", () =>
      expectAccrual(vest(80, { start: day(2), end: day(4), ...cliff("2024-01-07T00:00:00Z") }), {
        right: eachDay({ 7: 80 }),
        left: eachDay({ 6: 80 }),
      }));

    test("whose cliff is before the first period has what came at it there", () =>
      expectAccrual(vest(100, { start: day(-8), end: day(12), ...cliff("2023-12-31T00:00:00Z") }), {
        base: 45,
        right: eachDay(range(1, 10, 5)),
      }));

    test("whose cliff is on the first boundary comes in the first period, or before it", async () => {
      const { store, scope } = await openTenant(subject);
      const held = cliff("2024-01-01T00:00:00Z");
      await store.add(scope, { series: [vest(100, { start: day(-8), end: day(12), ...held })] });
      const right = await ask(store, scope, { boundaries: days });
      expectNear(right.groups[0]?.change ?? [], eachDay({ ...range(2, 10, 5), 1: 50 }));
      expect(right.groups[0]?.base).toBe(0);
      const left = await ask(store, scope, { boundaries: days, boundary: "left_open" });
      expectNear(left.groups[0]?.change ?? [], eachDay(range(1, 10, 5)));
      expectNear([left.groups[0]?.base ?? 0], [45]);
    });

    test("that ends where it starts comes at once", () =>
      expectAccrual(vest(7, { start: day(3), end: day(3) }), {
        right: eachDay({ 3: 7 }),
        left: eachDay({ 2: 7 }),
      }));

    test("may be negative", () =>
      expectAccrual(vest(-80, { start: day(2), end: day(10) }), {
        right: eachDay(range(2, 9, -10)),
      }));

    test("accrues up to the last period's end, though it ends later than all that is looked at", async () => {
      const { store, scope } = await openTenant(subject);
      await store.add(scope, { series: [vest(100, { start: day(6), end: day(26) })] });
      const asked = { boundaries: days, before: day(11) };
      const { groups } = await ask(store, scope, asked);
      expectNear(groups[0]?.change ?? [], eachDay(range(6, 10, 5)));
    });

    test("that begins at the query's end is not looked at", async () => {
      const { store, scope } = await openTenant(subject);
      await store.add(scope, { series: [vest(100, { start: day(6), end: day(26) })] });
      expect((await ask(store, scope, { boundaries: days, before: day(6) })).groups).toEqual([]);
    });

    test("counts whole, once, in the period in which it begins", async () => {
      const { store, scope } = await openTenant(subject);
      await store.add(scope, {
        series: [
          vest(80, { start: day(2), end: day(10) }),
          under("a", 20, { start: day(2) + 1000 }),
        ],
      });
      const aggregates = (["count", "avg", "max", "first"] as const).map((of) => ({
        function: of,
      }));
      const { groups } = await ask(store, scope, { boundaries: days, aggregates });
      expect([...(groups[0]?.count ?? [])]).toEqual(eachDay({ 2: 2 }));
      expect(groups[0]?.aggregates.map((column) => column[1])).toEqual([2, 50, 80, 80]);
      expect(groups[0]?.aggregates.map((column) => column[2])).toEqual([0, NaN, NaN, NaN]);
    });
  });

  test("the end of a Single changes nothing, nor does a cliff", () =>
    expectAccrual(under("a", 5, { start: day(3), end: day(9), ...cliff("2024-01-07T00:00:00Z") }), {
      right: eachDay({ 3: 5 }),
      left: eachDay({ 2: 5 }),
    }));
}
