import { Code } from "@connectrpc/connect";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { Granularity } from "#gen/tiffin/analytics/v1/query_pb.ts";
import { eventually, quiet } from "../support/settle.ts";
import { altered } from "./rpc-analytics-altered.ts";
import { as, dayOf2024, january, one, stored, valuesOf } from "./rpc-analytics-parts.ts";
import { durationOf, failureOf } from "./rpc-messages.ts";
import type { RpcSubject, RpcUnderTest } from "./rpc-subject.ts";

export function describeAnalyticsRetention(subject: RpcUnderTest): void {
  describe("retention", () => {
    let rpc: RpcSubject;
    beforeEach(async () => {
      rpc = await subject.open();
    });
    afterEach(() => rpc.close());

    const minute = 60_000;
    const hour = 60 * minute;
    const age = (ms: number) => ({ case: "age", value: durationOf(ms) }) as const;
    const count = (value: bigint) => ({ case: "count", value }) as const;
    const source = (value: string) => ({ case: "source", value }) as const;
    const metric = (value: string) => ({ case: "metric", value }) as const;

    /** A series that began so long ago. */
    const old = (ms: number, init = {}) => {
      const start = rpc.clock.now() - ms;
      const startTime = { seconds: BigInt(Math.floor(start / 1000)), nanos: 0 };
      return one({ startTime, value: ms / hour, ...init });
    };

    test("rules are answered as they were set, and are replaced whole", async () => {
      expect((await rpc.analytics.getRetention({})).rules).toEqual([]);
      const rules = [
        { of: source("/a/b"), keep: age(90_000), rollUp: Granularity.DAILY },
        { of: metric("Sold"), keep: count(0n), rollUp: Granularity.MONTHLY },
        { keep: age(1000), rollUp: Granularity.HOURLY },
        { keep: count(5n) },
      ];
      await rpc.analytics.setRetention({ rules });
      const answered = (await rpc.analytics.getRetention({})).rules;
      expect(answered).toMatchObject([
        { ...rules[0], of: source("a/b") },
        rules[1],
        { of: { case: undefined }, ...rules[2] },
        { of: { case: undefined }, ...rules[3], rollUp: Granularity.UNSPECIFIED },
      ]);
      await rpc.analytics.setRetention({ rules: answered.slice(3) });
      expect((await rpc.analytics.getRetention({})).rules).toEqual(answered.slice(3));
      await rpc.analytics.setRetention({});
      expect((await rpc.analytics.getRetention({})).rules).toEqual([]);
    });

    test("rules act at once, and say what they did", async () => {
      const series = [old(5 * hour), old(3 * hour), old(hour)];
      await rpc.analytics.addSeries({ series });
      const rules = [{ keep: age(2 * hour) }];
      expect(await rpc.analytics.setRetention({ rules })).toMatchObject({
        deleted: 2n,
        rollups: 0n,
      });
      expect(valuesOf(await stored(rpc))).toEqual([1]);
    });

    test("a rule is about its source and those below, or about its metric", async () => {
      await rpc.analytics.addSeries({
        series: ["a", "a/b", "ab"].map((name) => old(5 * hour, { source: name, metric: name })),
      });
      const rules = [{ of: source("a"), keep: age(hour) }];
      expect(await rpc.analytics.setRetention({ rules })).toMatchObject({ deleted: 2n });
      const byMetric = [{ of: metric("ab"), keep: count(0n) }];
      expect(await rpc.analytics.setRetention({ rules: byMetric })).toMatchObject({ deleted: 1n });
    });

    test("what is rolled up is one series for each period", async () => {
      const at = (days: number, value: number) => one({ startTime: dayOf2024(days), value });
      await rpc.analytics.addSeries({ series: [at(0, 1), at(0.5, 2), at(1, 4), at(1.25, 8)] });
      const rules = [{ keep: age(hour), rollUp: Granularity.DAILY }];
      expect(await rpc.analytics.setRetention({ rules })).toMatchObject({
        deleted: 4n,
        rollups: 2n,
      });
      const rollups = (await stored(rpc)).map(({ fn, value, start }) => [fn, value, start]);
      expect(rollups).toEqual([
        ["Rollup", 3, january + 12 * hour],
        ["Rollup", 12, january + 30 * hour],
      ]);
    });

    test("from then on rules are applied every minute, to every tenant", async () => {
      await rpc.tenants.create({ tenant: { name: "t" } });
      await rpc.analytics.setRetention({ rules: [{ keep: age(hour) }] });
      await rpc.analytics.setRetention({ rules: [{ keep: count(1n) }] }, as("t"));
      await rpc.analytics.addSeries({ series: [old(2 * hour), old(0)] });
      await rpc.analytics.addSeries({ series: [old(2 * hour), old(0)] }, as("t"));
      expect(await stored(rpc)).toHaveLength(2);
      expect(await stored(rpc, "t")).toHaveLength(2);
      for (const minutes of [1, 2]) {
        rpc.clock.advance(minute);
        await eventually(rpc.clock, async () => (await stored(rpc)).length === 1);
        await eventually(rpc.clock, async () => (await stored(rpc, "t")).length === 1);
        if (minutes === 1) await rpc.analytics.addSeries({ series: [old(2 * hour)] });
        if (minutes === 1) await rpc.analytics.addSeries({ series: [old(2 * hour)] }, as("t"));
      }
      expect(valuesOf(await stored(rpc))).toEqual([0]);
      expect(valuesOf(await stored(rpc, "t"))).toEqual([0]);
    });

    test("a tenant whose rules cannot be applied is reported, and keeps no other's from it", async () => {
      const failing = await subject.open({
        alterSeries: altered("applyRetention", (series) => (scope, now) => {
          if (scope.tenant === "default") throw new Error("the disk is full");
          return series.applyRetention(scope, now);
        }),
      });
      await failing.tenants.create({ tenant: { name: "t" } });
      const rules = [{ keep: age(hour) }];
      await failing.series.setRetention({ tenant: "default" }, [{ ageMs: hour }]);
      await failing.analytics.setRetention({ rules }, as("t"));
      await failing.analytics.addSeries({ series: [old(2 * hour)] }, as("t"));
      failing.clock.advance(minute);
      await eventually(failing.clock, async () => (await stored(failing, "t")).length === 0);
      expect(failing.reported).toEqual([
        "the retention rules of the tenant default were not applied",
      ]);
      await failing.close();
    });

    test("no timer is left of a server that has stopped", async () => {
      const other = await subject.open();
      await other.close();
      await quiet();
      const timers = other.clock.timers;
      other.clock.advance(10 * minute);
      expect(other.clock.timers).toBeLessThanOrEqual(timers);
    });

    test("what is asked for is checked", async () => {
      await rpc.analytics.addSeries({ series: [old(5 * hour)] });
      const bad: [Record<string, unknown>, string][] = [
        [{}, "rules[1].keep"],
        [{ keep: age(999) }, "rules[1].age"],
        [{ keep: count(-1n) }, "rules[1].count"],
        [{ keep: count((1n << 53n) + 1n) }, "rules[1].count"],
        [{ of: source("a/*"), keep: age(hour) }, "rules[1].source"],
        [{ of: metric("m".repeat(256)), keep: age(hour) }, "rules[1].metric"],
        [{ keep: age(hour), rollUp: Granularity.WEEKLY }, "rules[1].roll_up"],
      ];
      for (const [rule, field] of bad) {
        const rules = [{ keep: age(hour) }, rule];
        expect(await failureOf(rpc.analytics.setRetention({ rules })), field).toMatchObject({
          code: Code.InvalidArgument,
          reason: "INVALID_FIELD",
          fields: [field],
        });
      }
      const many = Array.from({ length: 101 }, () => ({ keep: count(1n) }));
      expect(await failureOf(rpc.analytics.setRetention({ rules: many }))).toMatchObject({
        fields: ["rules"],
      });
      expect((await rpc.analytics.getRetention({})).rules).toEqual([]);
      expect(await stored(rpc)).toHaveLength(1);
    });
  });
}
