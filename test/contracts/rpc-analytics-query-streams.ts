import { Code } from "@connectrpc/connect";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { StreamQueryResponse } from "#gen/tiffin/analytics/v1/analytics_service_pb.ts";
import {
  AggregateFunction,
  EmptyPeriods,
  Granularity,
  OrderBy,
} from "#gen/tiffin/analytics/v1/query_pb.ts";
import { quiet } from "../support/settle.ts";
import {
  added,
  asked,
  labelsOf,
  type QueryInit,
  queryOf,
  valued,
} from "./rpc-analytics-query-parts.ts";
import { failureOf } from "./rpc-messages.ts";
import type { RpcSubject, RpcUnderTest } from "./rpc-subject.ts";

export function describeAnalyticsQueryStreams(subject: RpcUnderTest): void {
  describe("large answers", () => {
    let rpc: RpcSubject;
    afterEach(() => rpc.close());

    async function streamed(init: QueryInit, profile = false): Promise<StreamQueryResponse[]> {
      const messages: StreamQueryResponse[] = [];
      for await (const message of rpc.analytics.streamQuery({ query: queryOf(init), profile })) {
        messages.push(message);
      }
      return messages;
    }

    /** Projects in no order, some of which begin later than the range. */
    const many = (count: number) =>
      Array.from({ length: count }, (_, index) =>
        valued(index % 7 === 3 ? "2025-01-01" : `2024-0${(index % 5) + 1}-01`, (index * 37) % 101, {
          project: `p${(index * 61) % count}`,
        }),
      );
    const range = { from: "2024-01-01", to: "2024-12-01" };
    const orders: QueryInit[] = [
      {},
      { top: 10 },
      { order: { by: OrderBy.UNSPECIFIED, descending: true } },
      { order: { by: OrderBy.PATH } },
      { order: { by: OrderBy.VALUE, descending: true } },
      { order: { by: OrderBy.SUM }, top: 17 },
      {
        order: { by: OrderBy.AGGREGATE, aggregate: { function: AggregateFunction.MIN } },
        aggregates: [{ function: AggregateFunction.COUNT }],
        emptyPeriods: EmptyPeriods.OMIT,
      },
      { compare: { range: { case: "previous", value: true } }, emptyPeriods: EmptyPeriods.OMIT },
    ];

    test("are streamed as they are answered whole, in whatever order, worked out a few groups at a time", async () => {
      const roomy = await subject.open();
      rpc = await subject.open({ analyticsLimits: { analyticsNumbersMax: 200 } });
      for (const each of [roomy, rpc]) await added(each, ...many(50));
      for (const order of orders) {
        const whole = await asked(roomy, { ...range, ...order });
        const parts = await streamed({ ...range, ...order });
        expect(parts[0]).toMatchObject({
          periods: whole.periods,
          comparedPeriods: whole.comparedPeriods,
        });
        expect(parts.slice(1).flatMap(({ periods }) => periods)).toEqual([]);
        expect(parts.flatMap(({ groups }) => groups)).toEqual(whole.groups);
        expect(whole.groups.length).toBeGreaterThan(9);
      }
      await roomy.close();
    });

    test("come in messages that have room for them", async () => {
      rpc = await subject.open({ analyticsLimits: { messageBytesMax: 4096 } });
      await added(rpc, ...many(120));
      const messages = await streamed(range);
      expect(messages.length).toBeGreaterThan(10);
      expect(messages.flatMap(({ groups }) => groups)).toHaveLength(120 - 17);
    });

    test("are refused whole, with the limit, how much they would be and what answers them", async () => {
      rpc = await subject.open({ analyticsLimits: { analyticsNumbersMax: 1000 } });
      await added(rpc, ...many(120));
      const refused = rpc.analytics.query({ query: queryOf(range) });
      await expect(refused).rejects.toThrowError(/StreamQuery/);
      expect(await failureOf(refused)).toMatchObject({
        code: Code.ResourceExhausted,
        reason: "LIMIT_EXCEEDED",
        metadata: { limit: "analyticsNumbersMax", max: "1000", actual: String(120 * 11 * 2) },
      });
      expect((await asked(rpc, { ...range, top: 45 })).groups).toHaveLength(45);
    });

    test("are refused whole where no message could hold them", async () => {
      rpc = await subject.open({ analyticsLimits: { messageBytesMax: 8192 } });
      await added(rpc, ...many(120));
      const refused = rpc.analytics.query({ query: queryOf(range) });
      await expect(refused).rejects.toThrowError(/StreamQuery/);
      expect(await failureOf(refused)).toMatchObject({
        code: Code.ResourceExhausted,
        reason: "LIMIT_EXCEEDED",
        metadata: { limit: "messageBytesMax", max: "8192" },
      });
    });

    test("are refused as streams too where a single group would be too large", async () => {
      rpc = await subject.open({ analyticsLimits: { analyticsNumbersMax: 100 } });
      await added(rpc, valued("2024-01-01", 1));
      const daily = { ...range, granularity: Granularity.DAILY };
      expect(await failureOf(streamed(daily))).toMatchObject({
        code: Code.ResourceExhausted,
        reason: "LIMIT_EXCEEDED",
        metadata: { limit: "analyticsNumbersMax", max: "100", actual: String(335 * 2) },
      });
    });

    test("have their periods also where there are no groups, in one message", async () => {
      rpc = await subject.open();
      const [only, ...more] = await streamed(range);
      expect(more).toEqual([]);
      expect(labelsOf(only?.periods ?? [])).toHaveLength(11);
      expect(only?.groups).toEqual([]);
    });

    test("give back what they held for a reader who has left", async () => {
      rpc = await subject.open({
        analyticsLimits: { analyticsNumbersMax: 1000, messageBytesMax: 4096 },
      });
      await added(rpc, ...many(120));
      // Together they would hold more than all streams may.
      for (let left = 0; left < 20; left++) {
        for await (const _ of rpc.analytics.streamQuery({ query: queryOf(range) })) break;
        await quiet();
      }
      const groups = (await streamed(range)).flatMap((message) => message.groups);
      expect(groups).toHaveLength(120 - 17);
    });

    test("end for a reader who leaves", async () => {
      rpc = await subject.open({
        analyticsLimits: { analyticsNumbersMax: 100, messageBytesMax: 4096 },
      });
      await added(rpc, ...many(120));
      for await (const message of rpc.analytics.streamQuery({ query: queryOf(range) })) {
        expect(message.periods).toHaveLength(11);
        break;
      }
      expect((await asked(rpc, { ...range, top: 1 })).groups).toHaveLength(1);
    });
  });

  describe("profiles", () => {
    let rpc: RpcSubject;
    beforeEach(async () => {
      rpc = await subject.open();
      await added(rpc, valued("2024-01-01", 1));
    });
    afterEach(() => rpc.close());

    const query = queryOf({ from: "2024-01-01", to: "2024-12-01" });

    test("tell the stages and what the engine did, where they are asked for", async () => {
      const { profile } = await rpc.analytics.query({ query, profile: true });
      const names = profile?.stages.map(({ name }) => name) ?? [];
      for (const stage of ["tenant", "range", "periods", "metadata", "columns"]) {
        expect(names).toContain(stage);
      }
      expect(names.length).toBeGreaterThan(5);
      for (const { duration } of profile?.stages ?? []) {
        expect(Number(duration?.seconds) + Number(duration?.nanos)).toBeGreaterThanOrEqual(0);
      }
      expect(profile?.plan).not.toBe("");
      expect((await rpc.analytics.query({ query })).profile).toBeUndefined();
    });

    test("of a stream come with its last message", async () => {
      const messages: StreamQueryResponse[] = [];
      for await (const message of rpc.analytics.streamQuery({ query, profile: true })) {
        messages.push(message);
      }
      expect(messages).toHaveLength(2);
      expect(messages[0]?.profile).toBeUndefined();
      expect(messages[1]?.profile?.stages.length).toBeGreaterThan(5);
    });
  });
}
