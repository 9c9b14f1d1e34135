import { setImmediate } from "node:timers/promises";
import { Code } from "@connectrpc/connect";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { TiffinError } from "../../src/errors.ts";
import { quiet } from "../support/settle.ts";
import { altered } from "./rpc-analytics-altered.ts";
import { one, type SeriesInit, stored, valuesOf } from "./rpc-analytics-parts.ts";
import { failureOf } from "./rpc-messages.ts";
import type { RpcSubject, RpcUnderTest } from "./rpc-subject.ts";

export function describeAnalyticsImporting(subject: RpcUnderTest): void {
  describe("ImportSeries", () => {
    let rpc: RpcSubject;
    beforeEach(async () => {
      rpc = await subject.open();
    });
    afterEach(() => rpc.close());

    async function* messages(...parts: SeriesInit[][]) {
      for (const series of parts) yield { series };
    }
    const valued = (...values: number[]): SeriesInit[] => values.map((value) => one({ value }));

    test("commits message by message, and answers how many", async () => {
      const answer = await rpc.analytics.importSeries(messages(valued(1, 2), [], valued(3)));
      expect(answer).toMatchObject({ batches: 3n, rows: 3n });
      expect(answer.refusal).toBeUndefined();
      expect(valuesOf(await stored(rpc))).toEqual([1, 2, 3]);
      const { revision } = await rpc.analytics.addSeries({});
      expect(answer.revision).toBe(revision);
    });

    test("nothing is imported of nothing", async () => {
      const { revision } = await rpc.analytics.addSeries({ series: [one()] });
      const answer = await rpc.analytics.importSeries(messages());
      expect(answer).toMatchObject({ batches: 0n, rows: 0n, revision });
    });

    test("the first that is refused ends it: what went before stays, nothing of its message is added", async () => {
      const bad = [...valued(4, 5), one({ value: 6, metric: "" }), one({ metric: "" })];
      const answer = await rpc.analytics.importSeries(
        messages(valued(1, 2), valued(3), bad, valued(7)),
      );
      expect(answer).toMatchObject({
        batches: 2n,
        rows: 3n,
        refusal: { row: 5n, field: "series[2].metric", description: "is empty" },
      });
      expect(valuesOf(await stored(rpc))).toEqual([1, 2, 3]);
    });

    test("what the contract's own rules refuse is told the same way", async () => {
      const nameless = one({ dimensionMetadata: [{ dimension: "", path: "a" }] });
      const answer = await rpc.analytics.importSeries(messages(valued(1), [one(), nameless]));
      expect(answer.refusal).toMatchObject({
        row: 2n,
        field: "series[1].dimension_metadata[0].dimension",
      });
      expect(answer.rows).toBe(1n);
    });

    test("a message with more than it may have is refused as a series is, naming the limit", async () => {
      const small = await subject.open({ analyticsLimits: { analyticsBatchMax: 2 } });
      const { refusal, ...answer } = await small.analytics.importSeries(
        messages(valued(1, 2), valued(3, 4, 5)),
      );
      expect(answer).toMatchObject({ batches: 1n, rows: 2n });
      expect(refusal).toMatchObject({ row: 4n, field: "series" });
      expect(refusal?.description).toContain("analyticsBatchMax is 2, and this would be 3");
      expect(valuesOf(await stored(small))).toEqual([1, 2]);
      await small.close();
    });

    test("a store that fails fails it, and it says how far it came", async () => {
      const failing = await subject.open({ alterSeries: failingOnSecond });
      const call = failing.analytics.importSeries(messages(valued(1), valued(3), valued(4)));
      expect(await failureOf(call)).toMatchObject({
        code: Code.Unavailable,
        reason: "STORE_UNREACHABLE",
        metadata: { batches: "1", rows: "1" },
      });
      expect(valuesOf(await stored(failing))).toEqual([1]);
      await failing.close();
    });

    test("a client that pauses for too long is not waited for", async () => {
      const { promise: pause, resolve: goOn } = Promise.withResolvers<void>();
      async function* slow() {
        yield { series: valued(1) };
        await pause;
      }
      const failure = failureOf(rpc.analytics.importSeries(slow()));
      while ((await stored(rpc)).length === 0) await setImmediate();
      await quiet();
      rpc.clock.advance(30_000);
      expect(await failure).toMatchObject({
        reason: "DEADLINE_EXCEEDED",
        metadata: { batches: "1", rows: "1" },
      });
      goOn();
    });

    test("a tenant that is not there is found out at once", async () => {
      const headers = { "tiffin-tenant": "absent" };
      const call = rpc.analytics.importSeries(messages(), { headers });
      expect(await failureOf(call)).toMatchObject({ reason: "TENANT_NOT_FOUND" });
    });
  });
}

/** The second commit of series fails; the empty batch of the beginning is none. */
const failingOnSecond = altered("add", (series) => {
  let commits = 0;
  return (scope, batch) => {
    if (batch.series.length > 0) commits++;
    if (commits > 1) throw new TiffinError("store_unreachable", "the database went away");
    return series.add(scope, batch);
  };
});
