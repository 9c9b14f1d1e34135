import { afterEach, beforeEach, describe, expect, test } from "vitest";
import {
  AggregateFunction,
  Boundary,
  EmptyPeriods,
  Granularity,
} from "#gen/tiffin/analytics/v1/query_pb.ts";
import { added, asked, cutsOf, first, labelsOf, valued } from "./rpc-analytics-query-parts.ts";
import type { RpcSubject, RpcUnderTest } from "./rpc-subject.ts";

export function describeAnalyticsComparisons(subject: RpcUnderTest): void {
  describe("comparisons", () => {
    let rpc: RpcSubject;
    beforeEach(async () => {
      rpc = await subject.open();
      await added(rpc, valued("2023-01-15", 1), valued("2023-02-15", 2), valued("2023-12-15", 4));
      await added(rpc, valued("2024-01-15", 8), valued("2024-02-15", 16, { project: "new" }));
    });
    afterEach(() => rpc.close());

    const range = { from: "2024-01-01", to: "2024-03-01" };
    const previous = { compare: { range: { case: "previous" as const, value: true } } };
    const yearBack = {
      compare: { range: { case: "back" as const, value: { count: 1, unit: Granularity.ANNUAL } } },
    };
    const count = { aggregates: [{ function: AggregateFunction.COUNT }] };

    test("a query is put beside the range before it", async () => {
      const answer = await asked(rpc, { ...range, ...previous, ...count });
      expect(cutsOf(answer.comparedPeriods)).toEqual([
        "2023/11 2023-11-01",
        "2023/12 2023-12-01",
        "end 2024-01-01",
      ]);
      expect(first(answer)).toMatchObject({
        value: [8, 0],
        sum: [15, 15],
        comparedValue: [0, 4],
        comparedSum: [3, 7],
        comparedAggregates: [{ numbers: [0, 1] }],
      });
    });

    test("a query is put beside the same range of a year before", async () => {
      const answer = await asked(rpc, { ...range, ...yearBack });
      expect(labelsOf(answer.comparedPeriods)).toEqual(["2023/01", "2023/02"]);
      expect(first(answer)).toMatchObject({ comparedValue: [1, 2], comparedSum: [1, 3] });
    });

    test("of a group that was not there then nothing is, and a group that is only there is left out", async () => {
      await added(rpc, valued("2025-01-01", 1, { project: "later" }));
      const { groups } = await asked(rpc, { ...range, ...previous, ...count });
      expect(groups.map(({ dimensions }) => dimensions[0]?.path)).toEqual(["p", "new"]);
      expect(groups[1]).toMatchObject({
        comparedValue: [Number.NaN, Number.NaN],
        comparedSum: [Number.NaN, Number.NaN],
        comparedAggregates: [{ numbers: [Number.NaN, Number.NaN] }],
      });
    });

    test("where the other range has fewer periods nothing is there, and where it has more they are left out", async () => {
      const back = {
        compare: {
          range: { case: "back" as const, value: { count: 1, unit: Granularity.MONTHLY } },
        },
        granularity: Granularity.DAILY,
      };
      const march = await asked(rpc, { ...back, from: "2024-03-01", to: "2024-03-31" });
      expect([march.periods.length, march.comparedPeriods.length]).toEqual([30, 28]);
      expect(first(march).comparedValue.slice(-3)).toEqual([0, Number.NaN, Number.NaN]);
      const february = await asked(rpc, { ...back, from: "2024-02-01", to: "2024-03-01" });
      expect([february.periods.length, february.comparedPeriods.length]).toEqual([29, 29]);
    });

    test("the other range may be empty", async () => {
      const compare = {
        range: { case: "back" as const, value: { count: 1, unit: Granularity.MONTHLY } },
      };
      const answer = await asked(rpc, { compare, from: "2023-03-30", to: "2023-03-31" });
      expect(answer.comparedPeriods).toEqual([]);
      expect(first(answer)).toMatchObject({ sum: [3], comparedSum: [Number.NaN] });
    });

    test("left open, no value falls between a range and the one before it", async () => {
      await added(rpc, valued("2024-01-01", 32));
      const answer = await asked(rpc, { ...range, ...previous, boundary: Boundary.LEFT_OPEN });
      const { value, sum, comparedSum } = first(answer);
      expect(comparedSum.at(-1)).toBe(39);
      expect((sum[0] ?? 0) - (value[0] ?? 0)).toBe(39);
    });

    test("a period in which something happened in the other range is not empty", async () => {
      const omitted = { emptyPeriods: EmptyPeriods.OMIT, from: "2024-01-01", to: "2025-01-01" };
      expect(labelsOf((await asked(rpc, { ...omitted })).periods)).toEqual(["2024/01", "2024/02"]);
      const answer = await asked(rpc, { ...omitted, ...yearBack });
      expect(labelsOf(answer.periods)).toEqual(["2024/01", "2024/02", "2024/12"]);
      expect(labelsOf(answer.comparedPeriods)).toEqual(["2023/01", "2023/02", "2023/12"]);
      expect(first(answer)).toMatchObject({ value: [8, 0, 0], comparedValue: [1, 2, 4] });
    });
  });
}
