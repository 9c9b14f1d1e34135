import { Code } from "@connectrpc/connect";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { dayOf2024, idsOf, one, type SeriesInit, stored } from "./rpc-analytics-parts.ts";
import { failureOf } from "./rpc-messages.ts";
import type { RpcSubject, RpcUnderTest } from "./rpc-subject.ts";

export function describeAnalyticsDeleting(subject: RpcUnderTest): void {
  // One for all, emptied after each.
  let rpc: RpcSubject;
  const open = async (): Promise<void> => {
    rpc = await subject.open();
  };
  const close = (): Promise<void> => rpc.close();
  const empty = (): Promise<void> => rpc.series.deleteTenant("default");

  /** Adds them, and answers the ids. */
  const added = async (...series: SeriesInit[]): Promise<number[]> => {
    const { firstId } = await rpc.analytics.addSeries({ series });
    return series.map((_, at) => Number(firstId) + at);
  };
  const left = async (): Promise<number[]> => idsOf(await stored(rpc));

  describe("ClearBySource", () => {
    beforeAll(open);
    afterEach(empty);
    afterAll(close);

    test("deletes the series of the source and of all below it, and of no other", async () => {
      const sources = ["a", "a/b", "a/b/c", "ab", "a_b", "A", "%"];
      const ids = await added(...sources.map((source) => one({ source })));
      const before = await rpc.analytics.addSeries({});
      const cleared = await rpc.analytics.clearBySource({ source: "/a/b/" });
      expect(cleared).toMatchObject({ series: 2n, dimensions: 0n });
      expect(cleared.revision).toBeGreaterThan(before.revision);
      expect(await left()).toEqual([ids[0], ...ids.slice(3)]);
      for (const [source, series] of [
        ["a_b", 1n],
        ["%", 1n],
        ["a", 1n],
        ["a", 0n],
      ] as const) {
        expect(await rpc.analytics.clearBySource({ source })).toMatchObject({ series });
      }
      expect(await left()).toEqual([ids[3], ids[5]]);
    });

    test("is no pattern, and not empty", async () => {
      const [id] = await added(one());
      for (const source of ["*", "a/*", "?", "", "/", "a//b"]) {
        expect(await failureOf(rpc.analytics.clearBySource({ source }))).toMatchObject({
          code: Code.InvalidArgument,
          reason: "INVALID_FIELD",
          fields: ["source"],
        });
      }
      expect(await left()).toEqual([id]);
    });

    test("forgets the paths that nothing has any more, if told to", async () => {
      await added(one({ source: "a", dimensions: { d: "x/y" } }));
      await added(one({ source: "b", dimensions: { d: "z" } }));
      const clearEmptyDimensions = true;
      const { dimensions } = await rpc.analytics.clearBySource({
        source: "a",
        clearEmptyDimensions,
      });
      expect(dimensions).toBe(1n);
      const listed = await rpc.analytics.listDimensions({});
      expect(listed.dimensions.map(({ path }) => path)).toEqual(["z"]);
    });

    test("a repeat under its id deletes nothing more, and is answered the same", async () => {
      await added(one(), one());
      const request = { source: "a", requestId: "once" };
      const first = await rpc.analytics.clearBySource(request);
      expect(first.series).toBe(2n);
      const ids = await added(one());
      expect(await rpc.analytics.clearBySource(request)).toEqual(first);
      expect(await left()).toEqual(ids);
    });
  });

  describe("DeleteSeries", () => {
    beforeAll(open);
    afterEach(empty);
    afterAll(close);

    const rows = [
      one({ source: "s/1", metric: "Sold", startTime: dayOf2024(0), dimensions: { d: "a/b" } }),
      one({ source: "s/2", metric: "sold", startTime: dayOf2024(1), dimensions: { d: "a_b" } }),
      one({ source: "t", metric: "Bought", startTime: dayOf2024(2), unit: "DAI" }),
    ];
    const cases = {
      "by id": [(ids: number[]) => ({ ids: [BigInt(ids[1] ?? 0), 999n] }), [1]],
      "by source": [() => ({ sources: ["s"] }), [0, 1]],
      "by a pattern of sources": [() => ({ sources: ["*/2"] }), [1]],
      "by metric": [() => ({ metrics: ["Sold"] }), [0]],
      "by metric in any case": [() => ({ metrics: ["SOLD"], metricsIgnoreCase: true }), [0, 1]],
      "without unit": [() => ({ units: [""] }), [0, 1]],
      "by dimension": [() => ({ select: [{ dimension: "d", paths: ["a"] }] }), [0]],
      "without the dimension": [() => ({ select: [{ dimension: "d", paths: ["?"] }] }), [2]],
      "from a time on": [() => ({ startTime: dayOf2024(1) }), [1, 2]],
      "before a time": [() => ({ endTime: dayOf2024(1) }), [0]],
      "by everything at once": [
        () => ({ sources: ["s"], metrics: ["Sold", "sold"], startTime: dayOf2024(1) }),
        [1],
      ],
    } as const;
    for (const [name, [toFilter, gone]] of Object.entries(cases)) {
      test(`deletes ${name}`, async () => {
        const ids = await added(...rows);
        const deleted = await rpc.analytics.deleteSeries({ filter: toFilter(ids) });
        expect(deleted.series).toBe(BigInt(gone.length));
        expect(await left()).toEqual(
          ids.filter((_, at) => !(gone as readonly number[]).includes(at)),
        );
      });
    }

    test("a filter that says nothing is refused", async () => {
      const ids = await added(...rows);
      const filters = [undefined, {}, { select: [] }, { select: [{ dimension: "d" }] }];
      for (const filter of [...filters, { metricsIgnoreCase: true }]) {
        const call = rpc.analytics.deleteSeries({ ...(filter && { filter }) });
        const refused = { code: Code.InvalidArgument, reason: "INVALID_FIELD", fields: ["filter"] };
        expect(await failureOf(call)).toMatchObject(refused);
      }
      expect(await left()).toEqual(ids);
    });

    test("an id that cannot be there deletes nothing", async () => {
      const ids = await added(one());
      const filter = { ids: [-1n, 0n, (1n << 53n) + 1n] };
      expect(await rpc.analytics.deleteSeries({ filter })).toMatchObject({ series: 0n });
      expect(await left()).toEqual(ids);
    });

    test("a bad pattern is refused by its place", async () => {
      const filter = { sources: ["a", "a//b"] };
      const failure = await failureOf(rpc.analytics.deleteSeries({ filter }));
      expect(failure).toMatchObject({ reason: "INVALID_FIELD", fields: ["filter.sources[1]"] });
    });

    test("a repeat under its id deletes nothing more, and is answered the same", async () => {
      await added(one());
      const request = { filter: { metrics: ["Sold"] }, requestId: "once" };
      const first = await rpc.analytics.deleteSeries(request);
      const ids = await added(one());
      const headers: (string | null)[] = [];
      const onHeader = (header: Headers): void => void headers.push(header.get("tiffin-replayed"));
      expect(await rpc.analytics.deleteSeries(request, { onHeader })).toEqual(first);
      expect(headers).toEqual(["true"]);
      expect(await left()).toEqual(ids);
    });
  });
}
