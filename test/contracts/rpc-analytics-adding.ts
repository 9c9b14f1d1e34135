import type { JsonObject } from "@bufbuild/protobuf";
import { Code } from "@connectrpc/connect";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { dayOf2024, idsOf, january, one, type SeriesInit, stored } from "./rpc-analytics-parts.ts";
import { failureOf } from "./rpc-messages.ts";
import type { RpcSubject, RpcUnderTest } from "./rpc-subject.ts";

export function describeAnalyticsAdding(subject: RpcUnderTest): void {
  describe("AddSeries", () => {
    let rpc: RpcSubject;
    beforeEach(async () => {
      rpc = await subject.open();
    });
    afterEach(() => rpc.close());

    const params: JsonObject = { cliff: "2024-01-05T00:00:00Z", note: ["kept", 1, null, true] };

    test("keeps all that is said of a series, under rising ids", async () => {
      const first = await rpc.analytics.addSeries({
        series: [
          one({
            ...{ source: "/sales/shop/", metric: "Sold", unit: "DAI", fn: "DssVest", value: -2.5 },
            ...{ startTime: dayOf2024(1), endTime: dayOf2024(9) },
            params,
            dimensions: { region: "eu/de", ["__proto__"]: "x", project: "/atlas/p1/" },
          }),
          one({ startTime: { seconds: -1n, nanos: 999_999_999 } }),
        ],
      });
      expect(first).toMatchObject({ count: 2n });
      const second = await rpc.analytics.addSeries({ series: [one()] });
      expect(second).toMatchObject({ firstId: first.firstId + 2n, count: 1n });
      expect(second.revision).toBeGreaterThan(first.revision);
      const found = await stored(rpc);
      expect(idsOf(found)).toEqual([0n, 1n, 2n].map((at) => Number(first.firstId + at)));
      expect(found[0]).toMatchObject({
        ...{ source: "sales/shop", metric: "Sold", unit: "DAI", fn: "DssVest", value: -2.5 },
        ...{ start: january + 86_400_000, end: january + 9 * 86_400_000, params },
        dimensions: [
          ["__proto__", "x"],
          ["project", "atlas/p1"],
          ["region", "eu/de"],
        ],
      });
      expect(found[1]).toMatchObject({ start: -1, end: undefined, unit: "", fn: "Single" });
    });

    test("says at once what is said of paths", async () => {
      const dimensionMetadata = [
        { dimension: "region", path: "eu/de", label: "Germany", icon: "D" },
      ];
      await rpc.analytics.addSeries({
        series: [one({ dimensions: { region: "eu/de" }, dimensionMetadata })],
      });
      const { dimensions } = await rpc.analytics.listDimensions({});
      expect(dimensions).toMatchObject([
        { name: "region", path: "eu/de", label: "Germany", icon: "D", description: "" },
      ]);
    });

    test("nothing at all is added when there is nothing to add", async () => {
      const { revision } = await rpc.analytics.addSeries({ series: [one()] });
      expect(await rpc.analytics.addSeries({})).toMatchObject({ firstId: 0n, count: 0n, revision });
    });

    test("a time that no instant is becomes no start", async () => {
      const series = [one(), one({ startTime: { seconds: 1n << 62n } })];
      // The JSON transport's own client refuses to say it.
      await expect(rpc.analytics.addSeries({ series })).rejects.toThrow();
      expect(await stored(rpc)).toEqual([]);
    });

    test("a series without a start is refused", async () => {
      const { startTime: _, ...series } = one();
      expect(await failureOf(rpc.analytics.addSeries({ series: [series] }))).toMatchObject({
        reason: "INVALID_FIELD",
        fields: ["series[0].start_time"],
      });
    });

    test("half of a surrogate pair never becomes a part of a series", async () => {
      const half = "a\ud800";
      const rows: SeriesInit[] = [
        ...[{ source: half }, { metric: half }, { unit: half }, { dimensions: { d: half } }],
        ...[{ dimensions: { [half]: "a" } }, { params: { text: half } }, { params: { [half]: 1 } }],
        { dimensionMetadata: [{ dimension: "d", path: "a", label: half }] },
      ];
      for (const init of rows) {
        // Binary clients replace it, or refuse to say it.
        await rpc.analytics.addSeries({ series: [one(init)] }).catch(() => undefined);
      }
      expect(JSON.stringify(await stored(rpc))).not.toMatch(/\\ud800/);
    });

    test.each([Number.NaN, Number.POSITIVE_INFINITY])(
      "params that hold %d are refused, however deep",
      async (number) => {
        const series = [one({ params: { list: [{ number }] } })];
        // The JSON transport's own client refuses to say it.
        await expect(rpc.analytics.addSeries({ series })).rejects.toThrow();
        expect(await stored(rpc)).toEqual([]);
      },
    );

    test("a text in params may hold what looks like an escaped NUL", async () => {
      const said = { text: "\\u0000" };
      await rpc.analytics.addSeries({ series: [one({ params: said })] });
      expect((await stored(rpc))[0]?.params).toEqual(said);
    });

    test("more series than a message may add are refused, naming the limit", async () => {
      const small = await subject.open({ analyticsLimits: { analyticsBatchMax: 2 } });
      await small.analytics.addSeries({ series: [one(), one()] });
      const failure = await failureOf(small.analytics.addSeries({ series: [one(), one(), one()] }));
      expect(failure).toMatchObject({
        code: Code.ResourceExhausted,
        reason: "LIMIT_EXCEEDED",
        metadata: { limit: "series of one message", max: "2", actual: "3" },
      });
      await small.close();
    });

    describe("with a request id", () => {
      const request = {
        series: [one({ dimensions: { b: "1", a: "2" }, params: { z: 1, a: { y: 1, b: 2 } } })],
        requestId: "once",
      };

      test("a repeat is answered as the first, says so, and adds nothing", async () => {
        const first = await rpc.analytics.addSeries(request);
        await rpc.analytics.addSeries({ series: [one()] });
        const headers: (string | null)[] = [];
        const onHeader = (header: Headers): void =>
          void headers.push(header.get("tiffin-replayed"));
        const sorted = { dimensions: { a: "2", b: "1" }, params: { a: { b: 2, y: 1 }, z: 1 } };
        const repeat = { ...request, series: [one(sorted)] };
        expect(await rpc.analytics.addSeries(repeat, { onHeader })).toEqual(first);
        expect(headers).toEqual(["true"]);
        expect(await stored(rpc)).toHaveLength(2);
      });

      test("other content, or another method, under the id is refused", async () => {
        await rpc.analytics.addSeries(request);
        const { requestId } = request;
        const reused = { reason: "REQUEST_ID_REUSED", fields: ["request_id"] };
        const others = [
          rpc.analytics.addSeries({ series: [one()], requestId }),
          rpc.analytics.clearBySource({ source: "a", requestId }),
          rpc.analytics.deleteSeries({ filter: { metrics: ["Sold"] }, requestId }),
        ];
        for (const other of others) expect(await failureOf(other)).toMatchObject(reused);
        expect(await stored(rpc)).toHaveLength(1);
      });

      test("is forgotten after ten minutes", async () => {
        await rpc.analytics.addSeries(request);
        rpc.clock.advance(10 * 60_000);
        await rpc.analytics.addSeries(request);
        expect(await stored(rpc)).toHaveLength(2);
      });

      test("a refused request is not remembered", async () => {
        const bad = rpc.analytics.addSeries({ series: [one({ fn: "none" })], requestId: "once" });
        expect(await failureOf(bad)).toMatchObject({ reason: "INVALID_FIELD" });
        expect(await rpc.analytics.addSeries(request)).toMatchObject({ count: 1n });
      });
    });
  });
}
