import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { Series } from "#gen/tiffin/analytics/v1/series_pb.ts";
import { as, one, type SeriesInit } from "./rpc-analytics-parts.ts";
import { instant, valued } from "./rpc-analytics-query-parts.ts";
import { failureOf } from "./rpc-messages.ts";
import type { RpcSubject, RpcUnderTest } from "./rpc-subject.ts";

type Filter = NonNullable<Parameters<RpcSubject["analytics"]["streamSeries"]>[0]["filter"]>;

export function describeAnalyticsSeriesLists(subject: RpcUnderTest): void {
  describe("ListSeries and StreamSeries", () => {
    let rpc: RpcSubject;
    beforeEach(async () => {
      rpc = await subject.open();
    });
    afterEach(() => rpc.close());

    /** Every page of such a size. */
    async function listed(filter: Filter = {}, pageSize = 0): Promise<Series[]> {
      const found: Series[] = [];
      for (let pageToken = "", isFirst = true; isFirst || pageToken !== ""; isFirst = false) {
        const page = await rpc.analytics.listSeries({ filter, pageSize, pageToken });
        if (pageSize > 0) expect(page.series.length).toBeLessThanOrEqual(pageSize);
        found.push(...page.series);
        pageToken = page.nextPageToken;
      }
      return found;
    }

    async function streamed(filter: Filter = {}): Promise<Series[]> {
      const found: Series[] = [];
      for await (const { series } of rpc.analytics.streamSeries({ filter })) found.push(...series);
      return found;
    }

    const add = (...series: SeriesInit[]) => rpc.analytics.addSeries({ series });

    test("series are listed as they were added, by id", async () => {
      const params = { cliff: "2024-02-01T00:00:00Z", note: [1, null, { a: "b" }] };
      const vest = { fn: "DssVest", endTime: instant("2024-06-01"), params };
      const { firstId } = await add(
        one({ source: "/a/b/", unit: "DAI", dimensions: { project: "p/q/", kind: "k" }, ...vest }),
        one({ value: -0.5, startTime: instant("1969-12-31T23:59:59.999Z") }),
      );
      const series = await listed();
      expect(series).toMatchObject([
        {
          ...{ id: firstId, source: "a/b", metric: "Sold", unit: "DAI", fn: "DssVest", value: 1 },
          dimensions: { project: "p/q", kind: "k" },
          startTime: instant("2024-01-01"),
          endTime: instant("2024-06-01"),
          params,
        },
        { id: firstId + 1n, fn: "Single", value: -0.5, dimensions: {} },
      ]);
      expect(series[1]).toMatchObject({ startTime: instant("1969-12-31T23:59:59.999Z") });
      expect([series[1]?.endTime, series[1]?.params]).toEqual([undefined, undefined]);
      expect(await streamed()).toEqual(series);
    });

    test("pages of any size hold every series once, and none twice", async () => {
      await add(...Array.from({ length: 23 }, (_, value) => one({ value })));
      const all = await streamed();
      expect(all.map(({ value }) => value)).toEqual([...all.keys()]);
      for (const size of [0, 1, 5, 22, 23, 24, 2_000_000])
        expect(await listed({}, size)).toEqual(all);
    });

    test("a page is a hundred series unless asked for another size, and a thousand at most", async () => {
      await add(...Array.from({ length: 1001 }, () => one()));
      const sizeOf = async (pageSize: number) =>
        (await rpc.analytics.listSeries({ pageSize })).series.length;
      expect([await sizeOf(0), await sizeOf(5000)]).toEqual([100, 1000]);
      expect(await streamed()).toHaveLength(1001);
    });

    const rows: readonly (readonly [title: string, filter: Filter, values: number[]])[] = [
      ["nothing", {}, [1, 2, 3, 4]],
      ["ids", { ids: [2n, 4n, 99n] }, [2, 4]],
      ["ids that none can have", { ids: [0n, -1n, 2n ** 62n] }, []],
      ["sources and what is below", { sources: ["s"] }, [1, 2]],
      ["sources by a pattern", { sources: ["*/b"] }, [2, 3]],
      ["metrics", { metrics: ["M"] }, [1, 2]],
      ["metrics in any case", { metrics: ["M"], metricsIgnoreCase: true }, [1, 2, 4]],
      ["units", { units: ["", "DAI"] }, [1, 2, 3]],
      ["no unit", { units: [""] }, [1, 3]],
      ["paths", { select: [{ dimension: "d", paths: ["x"] }] }, [2, 3]],
      ["no path", { select: [{ dimension: "d", paths: ["?"] }] }, [1, 4]],
      ["other paths", { select: [{ dimension: "d", exclude: ["x/y"] }] }, [1, 2, 4]],
      [
        "one dimension twice",
        {
          select: [
            { dimension: "d", paths: ["x"] },
            { dimension: "d", exclude: ["x/y"] },
          ],
        },
        [2],
      ],
      ["a beginning, itself included", { startTime: instant("2024-01-02") }, [2, 3, 4]],
      ["an end, itself excluded", { endTime: instant("2024-01-03") }, [1, 2]],
      ["several things, all of them", { sources: ["s"], units: ["DAI"], ids: [1n, 2n] }, [2]],
    ];
    test.each(rows)("are narrowed by %s", async (...[, filter, values]) => {
      await add(
        valued("2024-01-01", 1, { source: "s", metric: "M", dimensions: {} }),
        valued("2024-01-02", 2, {
          source: "s/b",
          metric: "M",
          unit: "DAI",
          dimensions: { d: "x" },
        }),
        valued("2024-01-03", 3, { source: "t/b", metric: "N", dimensions: { d: "x/y" } }),
        valued("2024-01-04", 4, { source: "st", metric: "m", unit: "MKR", dimensions: { e: "x" } }),
      );
      const valuesOf = (series: Series[]) => series.map(({ value }) => value);
      expect(valuesOf(await listed(filter))).toEqual(values);
      expect(valuesOf(await streamed(filter))).toEqual(values);
    });

    test("series that come and go between pages do not disturb the others", async () => {
      await add(...Array.from({ length: 6 }, (_, value) => one({ value })));
      const first = await rpc.analytics.listSeries({ pageSize: 2 });
      await rpc.analytics.deleteSeries({ filter: { ids: [2n, 3n] } });
      await add(one({ value: 6 }));
      const { nextPageToken: pageToken } = first;
      const rest = await rpc.analytics.listSeries({ pageSize: 10, pageToken });
      expect(rest.series.map(({ value }) => value)).toEqual([3, 4, 5, 6]);
      expect(rest.nextPageToken).toBe("");
    });

    test("a page token is good for its filter and its tenant alone", async () => {
      await rpc.tenants.create({ tenant: { name: "other" } });
      await add(one(), one(), one());
      const { nextPageToken: pageToken } = await rpc.analytics.listSeries({ pageSize: 1 });
      const { analytics } = rpc;
      const calls = [
        analytics.listSeries({ pageToken: `${pageToken}A` }),
        analytics.listSeries({ pageToken, filter: { metrics: ["Sold"] } }),
        analytics.listSeries({ pageToken }, as("other")),
        analytics.listUnits({ pageToken }),
      ];
      for (const call of calls) {
        expect(await failureOf(call)).toMatchObject({ reason: "PAGE_TOKEN_INVALID" });
      }
      expect((await analytics.listSeries({ pageToken })).series).toHaveLength(2);
      expect((await analytics.listSeries({}, as("other"))).series).toEqual([]);
    });

    test("pages and messages hold what they have room for", async () => {
      const params = { note: "x".repeat(4000) };
      await add(...Array.from({ length: 500 }, () => one({ params })));
      const page = await rpc.analytics.listSeries({ pageSize: 1000 });
      expect(page.series.length).toBeLessThan(500);
      expect(await listed({}, 1000)).toHaveLength(500);
      let messages = 0;
      for await (const { series } of rpc.analytics.streamSeries({})) {
        messages += 1;
        expect(series.length).toBeLessThan(500);
      }
      expect(messages).toBeGreaterThan(1);
    });
  });
}
