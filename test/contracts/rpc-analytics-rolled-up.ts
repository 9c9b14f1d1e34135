import { Code } from "@connectrpc/connect";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { AggregateFunction, Granularity } from "#gen/tiffin/analytics/v1/query_pb.ts";
import { added, asked, instant, queryOf, valued, valuesOf } from "./rpc-analytics-query-parts.ts";
import { durationOf, failureOf } from "./rpc-messages.ts";
import type { RpcSubject, RpcUnderTest } from "./rpc-subject.ts";

export function describeAnalyticsRolledUp(subject: RpcUnderTest): void {
  describe("questions to what is rolled up", () => {
    let rpc: RpcSubject;
    beforeEach(async () => {
      rpc = await subject.open();
      rpc.clock.advance(Date.UTC(2026, 5, 1) - rpc.clock.now());
      await added(rpc, valued("2026-01-05", 1), valued("2026-01-20", 2), valued("2026-02-10", 4));
      await added(rpc, valued("2026-05-20", 8));
    });
    afterEach(() => rpc.close());

    const range = { from: "2026-01-01", to: "2026-06-01" };
    const functions = [AggregateFunction.COUNT, AggregateFunction.AVG, AggregateFunction.LAST];
    const aggregates = functions.map((of) => ({ function: of }));
    const percentiles = [{ function: AggregateFunction.PERCENTILE, percentile: 50 }];
    const rollUp = () =>
      rpc.analytics.setRetention({
        rules: [
          {
            keep: { case: "age", value: durationOf(90 * 86_400_000) },
            rollUp: Granularity.MONTHLY,
          },
        ],
      });

    test("are answered as before for periods as long, and say until when they hold rollups", async () => {
      const before = await asked(rpc, { ...range, aggregates });
      expect(before.rolledUpBefore).toBeUndefined();
      expect(await rollUp()).toMatchObject({ deleted: 3n, rollups: 2n });
      const after = await asked(rpc, { ...range, aggregates });
      expect(after.groups).toEqual(before.groups);
      expect(after.rolledUpBefore).toEqual(instant("2026-02-10T00:00:00.001Z"));
      let last: typeof after.rolledUpBefore;
      const query = queryOf({ ...range, aggregates });
      for await (const message of rpc.analytics.streamQuery({ query })) {
        last = message.rolledUpBefore;
      }
      expect(last).toEqual(after.rolledUpBefore);
    });

    test("say so of rollups before the range as well, and nothing of those after it", async () => {
      await rollUp();
      const later = await asked(rpc, { from: "2026-05-01", to: "2026-06-01" });
      expect(valuesOf(later)).toEqual({ "p Sold": [8] });
      expect(later.rolledUpBefore).toEqual(instant("2026-02-10T00:00:00.001Z"));
      const earlier = await asked(rpc, { from: "2026-01-01", to: "2026-02-01" });
      expect(earlier.rolledUpBefore).toEqual(instant("2026-01-20T00:00:00.001Z"));
    });

    test("are refused where they are percentiles of rollups, and answered where they are not", async () => {
      await rollUp();
      const query = queryOf({ ...range, aggregates: percentiles });
      expect(await failureOf(rpc.analytics.query({ query }))).toMatchObject({
        code: Code.FailedPrecondition,
        reason: "ROLLED_UP",
      });
      const may = { from: "2026-05-01", to: "2026-06-01", aggregates: percentiles };
      expect((await asked(rpc, may)).groups[0]?.aggregates[0]?.numbers).toEqual([8]);
    });
  });
}
