import { describe, expect, test } from "vitest";
import { type AnalyticsUnderTest, newScope, openTenant } from "./analytics-subject.ts";
import { refusal, series, under, valuesOf } from "./analytics-terms.ts";

const minute = 60_000;
const request = { id: "request", digest: "of add" };

export function describeRequests(subject: AnalyticsUnderTest): void {
  describe("identified requests", () => {
    test("a repeated batch is answered as the first was, and adds nothing", async () => {
      const { store, scope } = await openTenant(subject);
      const batch = { series: [series(), series()], request };
      const first = await store.add(scope, batch);
      await store.add(scope, { series: [series({ value: 2 })] });
      expect(first.replayed).toBe(false);
      expect(await store.add(scope, batch)).toEqual({ ...first, replayed: true });
      expect(await valuesOf(store, scope)).toEqual([1, 1, 2]);
    });

    test("a repeated deletion is answered as the first was, and deletes nothing that came since", async () => {
      const { store, scope } = await openTenant(subject);
      await store.add(scope, { series: [under("a", 1), under("b", 2)] });
      const deletion = { filter: {}, clearEmptyDimensions: true, request };
      const first = await store.delete(scope, deletion);
      expect(first).toMatchObject({ series: 2, dimensions: 2, replayed: false });
      await store.add(scope, { series: [under("c", 3)] });
      expect(await store.delete(scope, deletion)).toEqual({ ...first, replayed: true });
      expect(await valuesOf(store, scope)).toEqual([3]);
    });

    test("a deletion that found nothing finds nothing when it is repeated", async () => {
      const { store, scope } = await openTenant(subject);
      const deletion = { filter: { metrics: ["metric"] }, request };
      const first = await store.delete(scope, deletion);
      expect(first).toMatchObject({ series: 0, replayed: false });
      await store.add(scope, { series: [series()] });
      expect(await store.delete(scope, deletion)).toEqual({ ...first, replayed: true });
      expect(await valuesOf(store, scope)).toEqual([1]);
    });

    test("a batch that is repeated after its series were deleted does not bring them back", async () => {
      const { store, scope } = await openTenant(subject);
      const batch = { series: [series()], request };
      const first = await store.add(scope, batch);
      await store.delete(scope, { filter: {} });
      expect(await store.add(scope, batch)).toEqual({ ...first, replayed: true });
      expect(await valuesOf(store, scope)).toEqual([]);
    });

    test("the id of another batch is refused, and so is that of another method", async () => {
      const { store, scope } = await openTenant(subject);
      await store.add(scope, { series: [series()], request });
      const other = { ...request, digest: "of something else" };
      const adding = store.add(scope, { series: [series({ value: 2 })], request: other });
      expect(await refusal(adding)).toMatchObject({ kind: "request_id_reused" });
      const deleting = store.delete(scope, { filter: {}, request: other });
      expect(await refusal(deleting)).toMatchObject({ kind: "request_id_reused" });
      expect(await valuesOf(store, scope)).toEqual([1]);
    });

    test("a request that was refused is not remembered", async () => {
      const { store, scope } = await openTenant(subject);
      await refusal(store.add(scope, { series: [series({ value: Number.NaN })], request }));
      const corrected = { series: [series()], request: { ...request, digest: "of the corrected" } };
      expect(await store.add(scope, corrected)).toMatchObject({ count: 1, replayed: false });
    });

    test("the same request twice at the same time is done once", async () => {
      const { store, scope } = await openTenant(subject);
      const batch = { series: [series()], request };
      const [one, other] = await Promise.all([store.add(scope, batch), store.add(scope, batch)]);
      expect(one.firstId).toBe(other.firstId);
      expect([one.replayed, other.replayed].sort()).toEqual([false, true]);
      expect(await valuesOf(store, scope)).toEqual([1]);
    });

    test("a request is remembered for ten minutes", async () => {
      const { store, scope, clock } = await openTenant(subject);
      const batch = { series: [series()], request };
      const first = await store.add(scope, batch);
      clock.advance(10 * minute - 1);
      expect(await store.add(scope, batch)).toEqual({ ...first, replayed: true });
      clock.advance(2);
      expect(await store.add(scope, batch)).toMatchObject({ count: 1, replayed: false });
      expect(await valuesOf(store, scope)).toEqual([1, 1]);
    });

    test("two tenants may use the same id", async () => {
      const { store, scope } = await openTenant(subject);
      const other = newScope();
      await store.add(scope, { series: [series()], request });
      const batch = { series: [series({ value: 2 })], request: { ...request, digest: "of 2" } };
      expect(await store.add(other, batch)).toMatchObject({ replayed: false });
      expect(await valuesOf(store, other)).toEqual([2]);
    });
  });
}
