import { describe, expect, test } from "vitest";
import { type AnalyticsUnderTest, newScope, openTenant } from "./analytics-subject.ts";
import { at, series, totals, under, valuesOf } from "./analytics-terms.ts";

export function describeTenants(subject: AnalyticsUnderTest): void {
  describe("tenants", () => {
    test("see nothing of each other", async () => {
      const { store, scope } = await openTenant(subject);
      const other = newScope();
      await store.add(scope, { series: [under("a", 1, { unit: "DAI", source: "s" })] });
      await store.updateDimension(scope, { dimension: "project", path: "a", label: "A" });

      expect(await totals(store, other)).toEqual({});
      expect(await valuesOf(store, other)).toEqual([]);
      expect((await store.span(other, {})).span).toBeUndefined();
      expect(await store.dimensions(other, { limit: 10 })).toEqual([]);
      expect(await store.describe(other, [{ dimension: "project", path: "a" }])).toEqual([]);
      for (const of of ["metric", "unit", "source"] as const) {
        expect(await store.names(other, { of, limit: 10 })).toEqual([]);
      }
      expect(await store.delete(other, { filter: {} })).toMatchObject({ series: 0 });
      expect(await store.clearEmptyDimensions(other)).toBe(0);
      expect(await totals(store, scope)).toEqual({ a: 1 });
    });

    test("have paths, groups and numbers of their own", async () => {
      const { store, scope } = await openTenant(subject);
      const other = newScope();
      await store.add(scope, { series: [under("a", 1), under("b", 2)] });
      await store.add(other, { series: [under("b", 4), under("a", 8)] });
      expect(Object.entries(await totals(store, scope)).join()).toBe("a,1,b,2");
      expect(Object.entries(await totals(store, other)).join()).toBe("b,4,a,8");
      await store.delete(scope, { filter: { ids: [1, 2, 3, 4] } });
      expect(await totals(store, other)).toEqual({ b: 4, a: 8 });
    });

    test("that differ in anything are others", async () => {
      const { store } = await openTenant(subject);
      const { tenant } = newScope();
      const names = [tenant, `${tenant} `, tenant.toUpperCase(), `${tenant}'%_`, `${tenant}/a`];
      for (const [index, name] of names.entries()) {
        await store.add({ tenant: name }, { series: [series({ value: index })] });
      }
      for (const [index, name] of names.entries()) {
        expect(await valuesOf(store, { tenant: name })).toEqual([index]);
      }
    });

    test("that are deleted leave nothing, and can begin anew", async () => {
      const { store, scope } = await openTenant(subject);
      const other = newScope();
      const request = { id: "request", digest: "digest" };
      const dimensionMetadata = [{ dimension: "project", path: "a", label: "A" }];
      await store.add(scope, { series: [under("a", 1, { dimensionMetadata })], request });
      await store.add(other, { series: [under("a", 2)] });
      await store.setRetention(scope, [{ count: 0 }]);

      await store.deleteTenant(scope.tenant);
      await store.deleteTenant(scope.tenant);
      expect(await valuesOf(store, scope)).toEqual([]);
      expect(await totals(store, scope)).toEqual({});
      expect(await store.dimensions(scope, { limit: 10 })).toEqual([]);
      expect(await store.names(scope, { of: "metric", limit: 10 })).toEqual([]);
      expect(await store.retention(scope)).toEqual([]);
      expect(await store.tenantsWithRetention()).not.toContain(scope.tenant);
      expect(await totals(store, other)).toEqual({ a: 2 });

      const anew = { series: [under("b", 4), under("a", 8)], request };
      expect(await store.add(scope, anew)).toMatchObject({ count: 2, replayed: false });
      expect(Object.entries(await totals(store, scope)).join()).toBe("b,4,a,8");
      const described = await store.describe(scope, [{ dimension: "project", path: "a" }]);
      expect(described).toMatchObject([{ label: "" }]);
    });

    test("that begin anew use no revision of before again", async () => {
      const { store, scope } = await openTenant(subject);
      let last = 0;
      for (let count = 0; count < 3; count++) {
        for (let adds = 0; adds < 3; adds++) {
          const { revision } = await store.add(scope, { series: [series()] });
          expect(revision).toBeGreaterThan(last);
          last = revision;
        }
        await store.deleteTenant(scope.tenant);
      }
    });

    test("that were never there can be deleted", async () => {
      const { store } = await openTenant(subject);
      await store.deleteTenant(newScope().tenant);
    });
  });

  describe("the statistics", () => {
    test("count the series of all tenants, and their bytes", async () => {
      const { store, scope } = await openTenant(subject);
      const other = newScope();
      const before = await store.stats();
      await store.add(scope, { series: [series(), series()] });
      await store.add(other, { series: [series()] });
      const after = await store.stats();
      expect(after.series - before.series).toBe(3);
      expect(after.bytes).toBeGreaterThan(0);
      await store.delete(scope, { filter: {} });
      await store.deleteTenant(other.tenant);
      expect((await store.stats()).series).toBe(before.series);
    });
  });

  test("a store that is ready can be made ready again, and keeps what it has", async () => {
    const { store, scope } = await openTenant(subject);
    await store.add(scope, { series: [series({ start: at("2024") })] });
    await store.init();
    await Promise.all([store.init(), store.init()]);
    expect(await valuesOf(store, scope)).toEqual([1]);
  });
}
