import { describe, expect, test } from "vitest";
import type { RetentionRule } from "../../src/analytics-store/analytics-store.ts";
import { type AnalyticsUnderTest, newScope, openTenant } from "./analytics-subject.ts";
import { at, series, under, valuesOf } from "./analytics-terms.ts";
import { dayMs, everything, now, retire, startingAt } from "./retention-terms.ts";

export function describeRetention(subject: AnalyticsUnderTest): void {
  describe("retention", () => {
    test("rules are kept as they were set, in place of those before", async () => {
      const { store, scope } = await openTenant(subject);
      expect(await store.retention(scope)).toEqual([]);
      const rules: RetentionRule[] = [
        { source: "a/b", ageMs: 1000, rollUp: "daily" },
        { metric: "m", count: 0 },
        { ageMs: dayMs, rollUp: "monthly" },
      ];
      await store.setRetention(scope, rules);
      expect(await store.retention(scope)).toEqual(rules);
      expect(await store.tenantsWithRetention()).toContain(scope.tenant);
      await store.setRetention(scope, rules.slice(1, 2));
      expect(await store.retention(scope)).toEqual(rules.slice(1, 2));
      await store.setRetention(scope, []);
      expect(await store.retention(scope)).toEqual([]);
      expect(await store.tenantsWithRetention()).not.toContain(scope.tenant);
    });

    test("setting rules deletes nothing yet", async () => {
      const { store, scope } = await openTenant(subject);
      await store.add(scope, { series: [series()] });
      await store.setRetention(scope, [{ count: 0 }]);
      expect(await valuesOf(store, scope)).toEqual([1]);
    });

    test("without rules nothing goes", async () => {
      const { store, scope } = await openTenant(subject);
      const { revision } = await store.add(scope, { series: [series()] });
      expect(await store.applyRetention(scope, now)).toEqual({ deleted: 0, rollups: 0 });
      expect((await store.changes(scope, { limit: 1 })).head).toBe(revision);
    });

    test("by age: what began before goes, what began just then stays", async () => {
      const { store, scope } = await openTenant(subject);
      const starts = [now - dayMs - 1, now - dayMs, now - dayMs + 1, now - 1, now, now + dayMs];
      await store.add(scope, { series: starts.map((start, value) => series({ start, value })) });
      const retired = await retire(store, scope, [{ ageMs: dayMs }]);
      expect(retired).toEqual({ deleted: 1, rollups: 0 });
      expect(await valuesOf(store, scope)).toEqual([1, 2, 3, 4, 5]);
    });

    test("by count: those that begin last stay, of one start those added last", async () => {
      const { store, scope } = await openTenant(subject);
      const starts = ["2024-03", "2024-01", "2024-02", "2024-02", "2024-02"];
      await store.add(scope, { series: startingAt(starts) });
      expect(await retire(store, scope, [{ count: 3 }])).toEqual({ deleted: 2, rollups: 0 });
      expect(await valuesOf(store, scope)).toEqual([1, 8, 16]);
      expect(await retire(store, scope, [{ count: 0 }])).toEqual({ deleted: 3, rollups: 0 });
      expect(await valuesOf(store, scope)).toEqual([]);
    });

    test("by count: what begins later than now is counted, and stays", async () => {
      const { store, scope } = await openTenant(subject);
      const starts = ["2024-10", "2024-11", "2024-12", "2024-12-02"];
      await store.add(scope, { series: startingAt(starts) });
      await retire(store, scope, [{ count: 1 }]);
      expect(await valuesOf(store, scope)).toEqual([4, 8]);
    });

    test("a rule is of a source and all below it, by whole segments, or of a metric as it is written", async () => {
      const { store, scope } = await openTenant(subject);
      const names = [
        ["a", "m"],
        ["a/b", "m"],
        ["ab", "m"],
        ["a_b", "M"],
        ["c", "n"],
      ] as const;
      const rows = names.map(([source, metric], index) =>
        series({ source, metric, value: 2 ** index }),
      );
      await store.add(scope, { series: rows });
      await retire(store, scope, [{ source: "a", count: 0 }]);
      expect(await valuesOf(store, scope)).toEqual([4, 8, 16]);
      await retire(store, scope, [{ metric: "m", count: 0 }]);
      expect(await valuesOf(store, scope)).toEqual([8, 16]);
      for (const source of ["%", "*"]) await retire(store, scope, [{ source, count: 0 }]);
      expect(await valuesOf(store, scope)).toEqual([8, 16]);
    });

    test("several rules are applied in their order", async () => {
      const { store, scope } = await openTenant(subject);
      const one = startingAt(["2024-01", "2024-02", "2024-03"], { metric: "one" });
      const other = startingAt(["2024-01", "2024-02"], { metric: "other" });
      await store.add(scope, { series: [...one, ...other] });
      const rules = [{ metric: "one", count: 1 }, { ageMs: now - at("2024-02") }];
      expect(await retire(store, scope, rules)).toEqual({ deleted: 3, rollups: 0 });
      expect(await valuesOf(store, scope)).toEqual([4, 2]);
    });

    for (const rule of [
      { ageMs: dayMs },
      { count: 3 },
      { ageMs: 30 * dayMs, rollUp: "hourly" },
      { count: 3, rollUp: "monthly" },
      { count: 0, rollUp: "daily" },
    ] as const) {
      test(`${JSON.stringify(rule)} applied twice is as applied once`, async () => {
        const { store, scope } = await openTenant(subject);
        const starts = Array.from(
          { length: 20 },
          (_, index) => now - ((index * 3) % 7) * 12 * dayMs,
        );
        await store.add(scope, { series: starts.map((start, value) => series({ start, value })) });
        expect((await retire(store, scope, [rule])).deleted).toBeGreaterThan(0);
        const before = await store.list(scope, {}, everything);
        const { head } = await store.changes(scope, { limit: 1 });
        expect(await store.applyRetention(scope, now)).toEqual({ deleted: 0, rollups: 0 });
        expect(await store.list(scope, {}, everything)).toEqual(before);
        expect((await store.changes(scope, { limit: 1 })).head).toBe(head);
      });
    }

    test("a DssVest is never rolled up, and not deleted before its end", async () => {
      const { store, scope } = await openTenant(subject);
      const vest = (value: number, end: number) =>
        under("a", value, { fn: "DssVest", start: at("2024-01-01"), end });
      await store.add(scope, { series: [vest(1, now + 1), vest(2, now - 1), under("a", 4)] });
      await retire(store, scope, [{ ageMs: dayMs, rollUp: "monthly" }]);
      expect(await valuesOf(store, scope, { ids: [] })).toEqual([]);
      const running = (await store.list(scope, {}, everything)).filter(
        ({ fn }) => fn === "DssVest",
      );
      expect(running.map(({ value }) => value)).toEqual([1, 2]);
      await retire(store, scope, [{ count: 0 }]);
      expect(await valuesOf(store, scope)).toEqual([1]);
    });

    test("what retention does is told as a change of the sources", async () => {
      const { store, scope } = await openTenant(subject);
      const rows = startingAt(["2024-01-05", "2024-11-30"], { source: "old" });
      const { revision } = await store.add(scope, {
        series: [...rows, series({ source: "kept" })],
      });
      await retire(store, scope, [{ source: "old", count: 1 }]);
      const { commits, head } = await store.changes(scope, { after: revision, limit: 10 });
      const start = at("2024-01-05");
      const told = { source: "old", added: 0, deleted: 1, firstStart: start, lastStart: start };
      expect(commits).toEqual([{ revision: head, sources: [told] }]);
    });

    test("rules are a tenant's own", async () => {
      const { store, scope } = await openTenant(subject);
      const other = newScope();
      await store.add(scope, { series: [series()] });
      await store.add(other, { series: [series({ value: 2 })] });
      await retire(store, scope, [{ count: 0 }]);
      expect(await store.retention(other)).toEqual([]);
      expect(await valuesOf(store, other)).toEqual([2]);
    });
  });
}
