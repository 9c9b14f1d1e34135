import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { Boundary, EmptyPeriods, Granularity, Weekday } from "#gen/tiffin/analytics/v1/query_pb.ts";
import {
  added,
  asked,
  cutsOf,
  first,
  instant,
  labelsOf,
  sumsOf,
  valued,
  valuesOf,
} from "./rpc-analytics-query-parts.ts";
import type { RpcSubject, RpcUnderTest } from "./rpc-subject.ts";

export function describeAnalyticsRanges(subject: RpcUnderTest): void {
  describe("ranges", () => {
    let rpc: RpcSubject;
    beforeEach(async () => {
      rpc = await subject.open();
    });
    afterEach(() => rpc.close());

    test("without a start the range begins with the earliest series, not with the first that was added", async () => {
      await added(rpc, valued("2024-02-10", 1), valued("2024-01-10", 2));
      const answer = await asked(rpc, { to: "2024-03-01" });
      expect(cutsOf(answer.periods)).toEqual([
        "2024/01 2024-01-10",
        "2024/02 2024-02-01",
        "end 2024-03-01",
      ]);
      expect(valuesOf(answer)).toEqual({ "p Sold": [2, 1] });
    });

    test("without an end the range ends with the last series or its end, that instant included", async () => {
      await added(rpc, valued("2024-01-10", 1), valued("2024-02-10", 2));
      const answer = await asked(rpc, { from: "2024-01-01" });
      expect(cutsOf(answer.periods).at(-1)).toBe("end 2024-02-10T00:00:00.001");
      expect(valuesOf(answer)).toEqual({ "p Sold": [1, 2] });
      await added(rpc, valued("2024-01-20", 4, { endTime: instant("2024-04-02") }));
      expect(labelsOf((await asked(rpc, { from: "2024-01-01" })).periods)).toHaveLength(4);
    });

    test("left open, an open range ends with the last instant itself, and begins after the first", async () => {
      await added(rpc, valued("2024-01-10", 1), valued("2024-02-10", 2));
      const answer = await asked(rpc, { boundary: Boundary.LEFT_OPEN });
      expect(cutsOf(answer.periods)).toEqual([
        "2024/01 2024-01-10",
        "2024/02 2024-02-01",
        "end 2024-02-10",
      ]);
      expect(valuesOf(answer)).toEqual({ "p Sold": [0, 2] });
      expect(sumsOf(answer)).toEqual({ "p Sold": [1, 3] });
    });

    test("a single event without a range is answered in a period of its own, where Powerhouse's engine threw", async () => {
      await added(rpc, valued("2024-01-10", 5));
      for (const [boundary, value] of [
        [Boundary.RIGHT_OPEN, 5],
        [Boundary.LEFT_OPEN, 0],
      ] as const) {
        const answer = await asked(rpc, { boundary });
        expect(cutsOf(answer.periods)).toEqual([
          "2024/01 2024-01-10",
          "end 2024-01-10T00:00:00.001",
        ]);
        expect(first(answer)).toMatchObject({ value: [value], sum: [5] });
      }
    });

    test("only what is meant says how far an open range reaches", async () => {
      await added(rpc, valued("2020-01-10", 1, { metric: "Other" }), valued("2024-02-10", 2));
      await added(rpc, valued("2024-03-10", 2, { project: "q" }), valued("2024-02-12", 3));
      const select = [{ dimension: "project", paths: ["p"] }];
      expect(cutsOf((await asked(rpc, { metrics: ["Sold"], select })).periods)).toEqual([
        "2024/02 2024-02-10",
        "end 2024-02-12T00:00:00.001",
      ]);
    });

    test("where nothing is meant there are the periods of the range, and none without one", async () => {
      await added(rpc, valued("2024-01-10", 1));
      const nothing = { metrics: ["None"] };
      const said = await asked(rpc, { ...nothing, from: "2024-01-01", to: "2024-03-01" });
      expect([labelsOf(said.periods), said.groups]).toEqual([["2024/01", "2024/02"], []]);
      for (const range of [{}, { from: "2024-01-01" }, { to: "2024-03-01" }]) {
        const answer = await asked(rpc, { ...nothing, ...range });
        expect([answer.periods, answer.groups]).toEqual([[], []]);
        expect(answer.revision).toBe(said.revision);
      }
    });

    test("a range that begins after all there is and has no end is answered without periods", async () => {
      await added(rpc, valued("2024-01-10", 1));
      const answer = await asked(rpc, { from: "2025-01-01" });
      expect([answer.periods, answer.groups]).toEqual([[], []]);
    });

    test("a group whose series all begin later is not there, and one whose all came before is", async () => {
      await added(rpc, valued("2023-01-10", 1, { project: "old" }), valued("2024-03-01", 2));
      const answer = await asked(rpc, { from: "2024-01-01", to: "2024-03-01" });
      expect(valuesOf(answer)).toEqual({ "old Sold": [0, 0] });
      expect(sumsOf(answer)).toEqual({ "old Sold": [1, 1] });
    });

    test("a relative range goes by the server's clock, in whole units of the query's time zone", async () => {
      rpc.clock.advance(Date.UTC(2026, 6, 15, 23, 30) - rpc.clock.now());
      await added(rpc, valued("2026-06-30T22:00Z", 1), valued("2026-06-30T21:59Z", 2));
      const relative = async (unit: Granularity, init: object = {}, count = 2) => {
        const relativeRange = { unit, count, ...init };
        const answer = await asked(rpc, {
          relativeRange,
          timeZone: "Europe/Berlin",
          granularity: unit,
        });
        return cutsOf(answer.periods);
      };
      expect(await relative(Granularity.MONTHLY)).toEqual([
        "2026/05 2026-04-30T22:00",
        "2026/06 2026-05-31T22:00",
        "end 2026-06-30T22:00",
      ]);
      expect(await relative(Granularity.MONTHLY, { includeCurrent: true })).toEqual([
        "2026/06 2026-05-31T22:00",
        "2026/07 2026-06-30T22:00",
        "end 2026-07-31T22:00",
      ]);
      expect(await relative(Granularity.DAILY, { includeCurrent: true }, 1)).toEqual([
        "2026/07/16 2026-07-15T22:00",
        "end 2026-07-16T22:00",
      ]);
      expect(await relative(Granularity.HOURLY, {}, 1)).toEqual([
        "2026/07/16/00+02:00 2026-07-15T22:00",
        "end 2026-07-15T23:00",
      ]);
    });

    test("weeks start on the day that was asked for, also where a range is relative", async () => {
      rpc.clock.advance(Date.UTC(2026, 6, 15) - rpc.clock.now());
      const relativeRange = { unit: Granularity.WEEKLY, count: 1, includeCurrent: true };
      const week = async (weekStart: Weekday) =>
        cutsOf(
          (await asked(rpc, { relativeRange, granularity: Granularity.WEEKLY, weekStart })).periods,
        );
      expect(await week(Weekday.UNSPECIFIED)).toEqual(["2026/W29 2026-07-13", "end 2026-07-20"]);
      expect(await week(Weekday.SUNDAY)).toEqual(["2026/W28 2026-07-12", "end 2026-07-19"]);
    });

    test("periods are of the time zone that was asked for, an hour that comes twice being two", async () => {
      await added(rpc, valued("2024-11-03T05:30Z", 1), valued("2024-11-03T06:30Z", 2));
      const range = { from: "2024-11-03T05:00Z", to: "2024-11-03T07:00Z" };
      const zoned = { granularity: Granularity.HOURLY, timeZone: "America/New_York" };
      const answer = await asked(rpc, { ...range, ...zoned });
      expect(labelsOf(answer.periods)).toEqual(["2024/11/03/01-04:00", "2024/11/03/01-05:00"]);
      expect(valuesOf(answer)).toEqual({ "p Sold": [1, 2] });
    });

    test("empty periods are left out if that is asked for, and sums go on over them", async () => {
      await added(rpc, valued("2024-01-10", 1), valued("2024-04-10", 2), valued("2024-04-11", -2));
      await added(rpc, valued("2024-06-10", 0, { project: "q" }));
      const range = { from: "2023-12-01", to: "2024-08-01" };
      const answer = await asked(rpc, { ...range, emptyPeriods: EmptyPeriods.OMIT });
      expect(labelsOf(answer.periods)).toEqual(["2024/01", "2024/04", "2024/06"]);
      expect(valuesOf(answer)).toEqual({ "p Sold": [1, 0, 0], "q Sold": [0, 0, 0] });
      expect(sumsOf(answer)).toEqual({ "p Sold": [1, 1, 1], "q Sold": [0, 0, 0] });
      const kept = await asked(rpc, { ...range, emptyPeriods: EmptyPeriods.KEEP });
      expect(kept.periods).toHaveLength(8);
      expect(await asked(rpc, range)).toEqual(kept);
    });

    test("a value at the last instant that can be said is in an open range", async () => {
      await added(rpc, valued("9999-12-31T23:59:59.999Z", 3));
      const answer = await asked(rpc, { from: "9999-12-01" });
      expect(first(answer).value).toEqual([3]);
      expect(cutsOf(answer.periods).at(-1)).toBe("end 9999-12-31T23:59:59.999");
    });
  });
}
