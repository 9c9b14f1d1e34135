import { afterEach, describe, expect, test } from "vitest";
import { type AnalyticsUnderTest, openTenant } from "./analytics-subject.ts";
import { ask, at, changes, under } from "./analytics-terms.ts";
import { dayMs, kept, retire } from "./retention-terms.ts";

export function describeTimeZones(subject: AnalyticsUnderTest): void {
  describe("the server's time zone is no matter", () => {
    const before = process.env["TZ"];
    afterEach(() => {
      if (before === undefined) delete process.env["TZ"];
      else process.env["TZ"] = before;
    });

    for (const zone of ["America/New_York", "Pacific/Kiritimati", "Asia/Kolkata"]) {
      test(`when it is ${zone}`, async () => {
        process.env["TZ"] = zone;
        expect(new Date(0).getTimezoneOffset()).not.toBe(0);
        const { store, scope } = await openTenant(subject);
        const starts = [
          "2024-01-31T23:59:59.999Z",
          "2024-02-01T00:00:00Z",
          "2024-02-01T17:30:00Z",
          "2024-02-01T23:59:59.999Z",
          "2024-03-10T07:30:00Z",
        ];
        const vest = {
          ...{ fn: "DssVest", start: at("2024-01-01"), end: at("2025-01-01") },
          params: { cliff: "2024-02-01T00:00:00-05:00" },
        };
        const rows = starts.map((start, index) => under("a", 10 ** index, { start: at(start) }));
        await store.add(scope, { series: [...rows, under("b", 0, vest)] });
        const page = { afterId: 0, limit: 100 };
        const listed = await store.list(scope, {}, page);
        expect(listed.map(({ start }) => start)).toEqual([...starts.map(at), vest.start]);
        expect(listed.at(-1)).toMatchObject({ end: vest.end, params: vest.params });
        const boundaries = ["2024-01", "2024-02", "2024-03", "2024-04"].map(at);
        expect(changes(await ask(store, scope, { boundaries }))).toMatchObject({
          a: [1, 1110, 10_000],
        });

        await retire(store, scope, [{ metric: "metric", ageMs: dayMs, rollUp: "daily" }]);
        expect((await kept(store, scope)).slice(1)).toEqual([
          ["2024-01-31T23:59:59.999Z", 1, "Rollup"],
          ["2024-02-01T23:59:59.999Z", 1110, "Rollup"],
          ["2024-03-10T07:30:00.000Z", 10_000, "Rollup"],
        ]);
        await retire(store, scope, [{ ageMs: dayMs, rollUp: "monthly" }]);
        expect((await kept(store, scope)).slice(1)).toEqual([
          ["2024-01-31T23:59:59.999Z", 1, "Rollup"],
          ["2024-02-01T23:59:59.999Z", 1110, "Rollup"],
          ["2024-03-10T07:30:00.000Z", 10_000, "Rollup"],
        ]);
      });
    }
  });
}
