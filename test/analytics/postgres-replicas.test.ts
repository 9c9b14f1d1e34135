import { expect, onTestFinished, test } from "vitest";
import type { AnalyticsStore, DimensionEntry } from "../../src/analytics-store/analytics-store.ts";
import { PostgresAnalyticsStore } from "../../src/analytics-store/postgres/postgres-analytics-store.ts";
import { ManualClock } from "../support/manual-clock.ts";
import { until } from "../support/until.ts";
import { describeWithPostgres } from "../support/with-postgres.ts";
import { newScope } from "./analytics-subject.ts";
import { ask, at, series, totals, under, valuesOf } from "./analytics-terms.ts";

describeWithPostgres("replicas on one PostgreSQL database", (server) => {
  const clock = new ManualClock();
  const replica = (connectionString: string): AnalyticsStore => {
    const store = new PostgresAnalyticsStore({ connectionString, clock, report: () => {} });
    onTestFinished(() => store.close());
    return store;
  };
  const two = async (): Promise<[AnalyticsStore, AnalyticsStore]> => {
    const url = await server().newDatabase();
    const stores: [AnalyticsStore, AnalyticsStore] = [replica(url), replica(url)];
    await Promise.all(stores.map((store) => store.init()));
    return stores;
  };

  test("make the tables at once, and once", async () => {
    const url = await server().newDatabase();
    const stores = Array.from({ length: 6 }, () => replica(url));
    await Promise.all(stores.map((store) => store.init()));
    const versions = await server().run("select version from tiffin_analytics.version", url);
    expect(versions).toHaveLength(1);
    const scope = newScope();
    await Promise.all(stores.map((store) => store.add(scope, { series: [series()] })));
    for (const store of stores) expect(await valuesOf(store, scope)).toEqual([1, 1, 1, 1, 1, 1]);
  });

  test("see what the other adds, and agree on cells, ids and revisions", async () => {
    const [one, other] = await two();
    const scope = newScope();
    await one.add(scope, { series: [under("a", 1, { source: "one" })] });
    const second = await other.add(scope, {
      series: [under("b", 2, { source: "other" }), under("a", 4)],
    });
    const third = await one.add(scope, { series: [under("c", 8), under("b", 16)] });
    expect(third.firstId).toBe(second.firstId + 2);
    expect(third.revision).toBeGreaterThan(second.revision);
    for (const store of [one, other]) {
      expect(Object.entries(await totals(store, scope)).join()).toBe("a,5,b,18,c,8");
    }
    const listed = await one.list(scope, {}, { afterId: 0, limit: 10 });
    expect(await other.list(scope, {}, { afterId: 0, limit: 10 })).toEqual(listed);
    expect(await one.names(scope, { of: "source", limit: 10 })).toEqual(
      await other.names(scope, { of: "source", limit: 10 }),
    );
  });

  test("that add new paths at the same time make each of them once", async () => {
    const stores = await two();
    const scope = newScope();
    const { head } = await stores[0].changes(scope, { limit: 1 });
    const batches = Array.from({ length: 20 }, (_, index) => ({
      series: [under("new", 1, { source: `s${index % 3}` }), under(`p${index % 4}`, 1)],
    }));
    const added = await Promise.all(
      batches.map((batch, index) => (stores[index % 2] as AnalyticsStore).add(scope, batch)),
    );
    expect(new Set(added.map(({ firstId }) => firstId)).size).toBe(20);
    for (const store of stores) {
      expect(await totals(store, scope)).toEqual({ new: 20, p0: 5, p1: 5, p2: 5, p3: 5 });
      expect(await store.dimensions(scope, { limit: 10 })).toHaveLength(5);
      const { commits } = await store.changes(scope, { after: head, limit: 100 });
      const revisions = added.map(({ revision }) => revision).sort((a, b) => a - b);
      expect(commits.map(({ revision }) => revision)).toEqual(revisions);
    }
  });

  test("hear of each other's commits", async () => {
    const [one, other] = await two();
    const scope = newScope();
    const heard: string[] = [];
    other.onChange((tenant) => heard.push(tenant));
    await one.add(scope, { series: [series()] });
    await until(() => heard.includes(scope.tenant));
    heard.length = 0;
    await one.deleteTenant(scope.tenant);
    await until(() => heard.includes(scope.tenant));
  });

  test("hear of what the other says of a path, and find it said", async () => {
    const [one, other] = await two();
    const scope = newScope();
    await one.add(scope, { series: [under("a", 1)] });
    const found: Promise<readonly DimensionEntry[]>[] = [];
    other.onChange((tenant) => {
      const keys = [{ dimension: "project", path: "a" }];
      if (tenant === scope.tenant) found.push(other.describe(scope, keys));
    });
    await one.updateDimension(scope, { dimension: "project", path: "a", label: "A" });
    await until(async () => (await found.at(-1))?.[0]?.label === "A");
  });

  test("hear of a tenant whose name is too long for a signal", async () => {
    const [one, other] = await two();
    const scope = { tenant: "n".repeat(9000) };
    let heard = false;
    other.onChange((tenant) => {
      heard ||= tenant === scope.tenant;
    });
    await one.add(scope, { series: [series()] });
    await until(() => heard);
  });

  test("answer a repeat of the other's request", async () => {
    const [one, other] = await two();
    const scope = newScope();
    const batch = { series: [series()], request: { id: "r", digest: "d" } };
    const [first, second] = await Promise.all([one.add(scope, batch), other.add(scope, batch)]);
    expect(second.firstId).toBe(first.firstId);
    expect([first.replayed, second.replayed].sort()).toEqual([false, true]);
    expect(await valuesOf(one, scope)).toEqual([1]);
  });

  test("that knew a tenant before it was deleted know nothing of it after", async () => {
    const [one, other] = await two();
    const scope = newScope();
    await one.add(scope, { series: [under("a", 1), under("b", 2)] });
    expect(await totals(other, scope)).toEqual({ a: 1, b: 2 });
    await one.deleteTenant(scope.tenant);
    expect(await totals(other, scope)).toEqual({});
    await one.add(scope, { series: [under("b", 4), under("a", 8)] });
    expect(Object.entries(await totals(other, scope)).join()).toBe("b,4,a,8");
  });

  test("that remember sums of the past forget them when the other changes it, and only then", async () => {
    const url = await server().newDatabase();
    let summedUp = 0;
    const one = new PostgresAnalyticsStore({
      ...{ connectionString: url, clock, pastSeriesMin: 0, report: () => {} },
      queryLogger: (_, text) => {
        if (text.includes("group by cell")) summedUp++;
      },
    });
    onTestFinished(() => one.close());
    const other = replica(url);
    await Promise.all([one.init(), other.init()]);
    const scope = newScope();
    const early = (value: number) => under("a", value, { start: at("2020") });
    const late = (value: number) => under("a", value, { start: at("2024-05-05") });
    const answered = async (): Promise<number[]> => {
      const boundaries = [at("2024-05"), at("2024-06")];
      const { groups } = await ask(one, scope, { boundaries });
      return groups.flatMap(({ base, change }) => [base, ...change]);
    };
    await other.add(scope, { series: [early(1), late(2)] });
    expect(await answered()).toEqual([1, 2]);
    await other.add(scope, { series: [late(4)] });
    await other.delete(scope, { filter: { from: at("2024-05-06") } });
    expect(await answered()).toEqual([1, 6]);
    expect(summedUp).toBe(1);
    const { firstId } = await other.add(scope, { series: [early(8)] });
    expect(await answered()).toEqual([9, 6]);
    await other.delete(scope, { filter: { ids: [firstId] } });
    expect(await answered()).toEqual([1, 6]);
    await other.setRetention(scope, [{ ageMs: 1000, rollUp: "monthly" }]);
    await other.applyRetention(scope, at("2024-05"));
    await other.add(scope, { series: [early(16)] });
    await other.deleteTenant(scope.tenant);
    await other.add(scope, { series: [early(32), late(64)] });
    expect(await answered()).toEqual([32, 64]);
  });

  test("that cleared paths have the other make them again", async () => {
    const [one, other] = await two();
    const scope = newScope();
    await other.add(scope, { series: [under("a", 1)] });
    await other.add(scope, { series: [under("a", 2)] });
    await one.delete(scope, { filter: {}, clearEmptyDimensions: true });
    await other.add(scope, { series: [under("a", 4)] });
    expect(await one.dimensions(scope, { limit: 10 })).toMatchObject([{ path: "a" }]);
  });
});
