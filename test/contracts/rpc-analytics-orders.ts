import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { AggregateFunction, OrderBy } from "#gen/tiffin/analytics/v1/query_pb.ts";
import { added, asked, first, type QueryInit, valued } from "./rpc-analytics-query-parts.ts";
import type { RpcSubject, RpcUnderTest } from "./rpc-subject.ts";

export function describeAnalyticsOrders(subject: RpcUnderTest): void {
  describe("aggregates", () => {
    let rpc: RpcSubject;
    beforeEach(async () => {
      rpc = await subject.open();
    });
    afterEach(() => rpc.close());

    test("are of the values that begin in each period, and nothing where none does", async () => {
      const values = [5, 1, 4, 2];
      await added(rpc, ...values.map((value, index) => valued(`2024-01-0${index + 1}`, value)));
      await added(rpc, valued("2024-03-01", -7));
      const functions = [
        ...["COUNT", "AVG", "MIN", "MAX", "FIRST", "LAST"].map((name) => ({
          function: AggregateFunction[name as keyof typeof AggregateFunction],
        })),
        ...[0, 25, 50, 100].map((percentile) => ({
          ...{ function: AggregateFunction.PERCENTILE, percentile },
        })),
      ];
      const range = { from: "2024-01-01", to: "2024-04-01" };
      const { aggregates } = first(await asked(rpc, { ...range, aggregates: functions }));
      const nothing = Number.NaN;
      expect(aggregates.map(({ numbers }) => numbers)).toEqual([
        [4, 0, 1],
        ...[3, 1, 5, 5, 2].map((of) => [of, nothing, -7]),
        ...[1, 1.75, 3, 5].map((of) => [of, nothing, -7]),
      ]);
    });

    test("of series that begin at once, the first and the last are those of the lowest and the highest id", async () => {
      await added(rpc, ...[3, 9, 6].map((value) => valued("2024-01-05", value)));
      const aggregates = [
        { function: AggregateFunction.FIRST },
        { function: AggregateFunction.LAST },
      ];
      const range = { from: "2024-01-01", to: "2024-02-01" };
      const answer = first(await asked(rpc, { ...range, aggregates }));
      expect(answer.aggregates.map(({ numbers }) => numbers)).toEqual([[3], [6]]);
    });
  });

  describe("orders", () => {
    let rpc: RpcSubject;
    beforeEach(async () => {
      rpc = await subject.open();
      // By project: what comes before the range, in its first month and in its second.
      await added(rpc, valued("2023-01-01", 100, { project: "b" }));
      await added(rpc, valued("2024-01-01", 5, { project: "a/x" }));
      await added(rpc, valued("2024-01-01", -3, { project: "a" }));
      await added(rpc, valued("2024-02-01", 1, { project: "b" }));
      await added(rpc, valued("2024-02-01", 5, { project: "a-b" }));
      await added(rpc, valued("2023-02-01", 7, { project: "\u{1F600}" }));
      await added(rpc, valued("2024-02-01", 4, { project: "\uFFFD" }));
    });
    afterEach(() => rpc.close());

    const range = { from: "2024-01-01", to: "2024-03-01" };
    const ordered = async (by: OrderBy, init: Partial<QueryInit["order"]> = {}, top = 0) => {
      const order = { by, ...init } as NonNullable<QueryInit["order"]>;
      const { groups } = await asked(rpc, { ...range, order, top });
      return groups.map(({ dimensions }) => dimensions[0]?.path);
    };
    const seen = ["b", "a/x", "a", "a-b", "\u{1F600}", "\uFFFD"];

    test("groups come as they were first seen unless asked for otherwise", async () => {
      expect(await ordered(OrderBy.UNSPECIFIED)).toEqual(seen);
      expect(await ordered(OrderBy.UNSPECIFIED, { descending: true })).toEqual(seen.toReversed());
      expect(await ordered(OrderBy.UNSPECIFIED, {}, 2)).toEqual(["b", "a/x"]);
    });

    test("paths are in order segment by segment, by code points", async () => {
      const paths = ["a", "a/x", "a-b", "b", "\uFFFD", "\u{1F600}"];
      expect(await ordered(OrderBy.PATH)).toEqual(paths);
      expect(await ordered(OrderBy.PATH, { descending: true })).toEqual(paths.toReversed());
      expect(await ordered(OrderBy.PATH, {}, 3)).toEqual(paths.slice(0, 3));
    });

    test("values are in order over the whole range, those alike as they were first seen", async () => {
      const rising = ["a", "\u{1F600}", "b", "\uFFFD", "a/x", "a-b"];
      expect(await ordered(OrderBy.VALUE)).toEqual(rising);
      const falling = ["a/x", "a-b", "\uFFFD", "b", "\u{1F600}", "a"];
      expect(await ordered(OrderBy.VALUE, { descending: true })).toEqual(falling);
      expect(await ordered(OrderBy.VALUE, { descending: true }, 3)).toEqual(falling.slice(0, 3));
      expect(await ordered(OrderBy.VALUE, { descending: true }, 100)).toEqual(falling);
    });

    test("sums are in order of the total at the end", async () => {
      const falling = ["b", "\u{1F600}", "a/x", "a-b", "\uFFFD", "a"];
      expect(await ordered(OrderBy.SUM, { descending: true })).toEqual(falling);
    });

    test("aggregates are in order over the whole range, and those of nothing come last both ways", async () => {
      const aggregate = { function: AggregateFunction.MAX };
      expect(await ordered(OrderBy.AGGREGATE, { aggregate })).toEqual([
        ...["a", "b", "\uFFFD", "a/x", "a-b", "\u{1F600}"],
      ]);
      expect(await ordered(OrderBy.AGGREGATE, { aggregate, descending: true })).toEqual([
        ...["a/x", "a-b", "\uFFFD", "b", "a", "\u{1F600}"],
      ]);
    });

    test("groups under one path are in order of metric, then unit", async () => {
      const more = [
        valued("2024-01-01", 1, { project: "z", metric: "M", unit: "b" }),
        valued("2024-01-01", 1, { project: "z", metric: "M" }),
        valued("2024-01-01", 1, { project: "z", metric: "B", unit: "z" }),
      ];
      await added(rpc, ...more);
      const select = [{ dimension: "project", paths: ["z"] }];
      const { groups } = await asked(rpc, { ...range, select, order: { by: OrderBy.PATH } });
      expect(groups.map(({ metric, unit }) => metric + unit)).toEqual(["Bz", "M", "Mb"]);
    });

    test("the first few in an order are answered with all their periods", async () => {
      const query = { ...range, order: { by: OrderBy.VALUE, descending: true }, top: 2 };
      const { groups, periods } = await asked(rpc, query);
      expect(periods).toHaveLength(2);
      expect(groups.map(({ value }) => value)).toEqual([
        [5, 0],
        [0, 5],
      ]);
    });
  });
}
