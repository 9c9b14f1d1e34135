import type { MessageInitShape } from "@bufbuild/protobuf";
import { Code } from "@connectrpc/connect";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { Granularity } from "#gen/tiffin/analytics/v1/query_pb.ts";
import type { WatchRequestSchema, WatchResponse } from "#gen/tiffin/analytics/v1/watch_pb.ts";
import {
  as,
  dayOf2024,
  one,
  type SeriesInit,
  StreamReader,
  stored,
} from "./rpc-analytics-parts.ts";
import { durationOf, failureOf, msOf } from "./rpc-messages.ts";
import type { RpcSubject, RpcUnderTest } from "./rpc-subject.ts";

type WatchInit = MessageInitShape<typeof WatchRequestSchema>;

export function describeAnalyticsWatches(subject: RpcUnderTest): void {
  describe("Watch of series", () => {
    let rpc: RpcSubject;
    const readers: StreamReader<WatchResponse>[] = [];
    beforeEach(async () => {
      rpc = await subject.open();
    });
    afterEach(async () => {
      for (const reader of readers.splice(0)) await reader.end();
      await rpc.close();
    });

    const open = (request: WatchInit = {}, tenant = "default", of = rpc) => {
      const reader = new StreamReader(of, (signal) =>
        of.analytics.watch(request, { signal, ...as(tenant) }),
      );
      readers.push(reader);
      return reader;
    };
    /** A watch that has begun, and what it said then. */
    const opened = async (request?: WatchInit, tenant?: string) => {
      const reader = open(request, tenant);
      return { reader, first: await reader.next() };
    };
    const add = (...series: SeriesInit[]) => rpc.analytics.addSeries({ series });
    const from = (...sources: string[]) => add(...sources.map((source) => one({ source })));
    /** The sources of a message, with how many series each was given and lost. */
    const told = ({ changes }: WatchResponse): string[] =>
      changes.map(({ source, added, deleted }) => `${source} +${added} -${deleted}`);

    test("the first message comes at once: it says how far the watch is, and no change", async () => {
      const { revision } = await from("a");
      const { first } = await opened();
      expect(first).toMatchObject({ changes: [], revision });
      expect(first.resumeToken).not.toBe("");
    });

    test("tells what is added and deleted, source by source", async () => {
      const { reader } = await opened();
      const at = (days: number, source: string) => one({ source, startTime: dayOf2024(days) });
      const { revision } = await add(at(5, "b"), at(2, "a/x"), at(9, "b"), at(7, "b"));
      const message = await reader.next();
      expect(message.revision).toBe(revision);
      expect(told(message)).toEqual(["b +3 -0", "a/x +1 -0"]);
      const [ofB] = message.changes;
      expect(msOf(ofB?.firstStartTime)).toBe(msOf(dayOf2024(5)));
      expect(msOf(ofB?.lastStartTime)).toBe(msOf(dayOf2024(9)));
      await rpc.analytics.clearBySource({ source: "b" });
      expect(told(await reader.next())).toEqual(["b +0 -3"]);
    });

    test("what comes within the interval comes in one message, what comes after it in another", async () => {
      const { reader } = await opened({ interval: durationOf(1000) });
      await from("b", "a");
      await rpc.analytics.clearBySource({ source: "b" });
      const { revision } = await from("a", "c");
      const message = await reader.next();
      expect(told(message)).toEqual(["b +1 -1", "a +2 -0", "c +1 -0"]);
      expect(message.revision).toBe(revision);
      await from("a");
      expect(told(await reader.next())).toEqual(["a +1 -0"]);
    });

    test("nothing is sent before the interval is over", async () => {
      const { reader } = await opened({ interval: durationOf(60_000) });
      await from("a");
      const began = rpc.clock.now();
      expect(told(await reader.next())).toEqual(["a +1 -0"]);
      expect(rpc.clock.now() - began).toBeGreaterThanOrEqual(60_000);
    });

    test("tells of the watched sources alone: a path and all below it, or a pattern", async () => {
      const { reader: path } = await opened({ sources: ["/a/b/"] });
      const { reader: pattern } = await opened({ sources: ["*/b", "c"] });
      await from("a/b", "a", "a/bc", "a/b/c", "x/b", "c/d", "b");
      expect(told(await path.next())).toEqual(["a/b +1 -0", "a/b/c +1 -0"]);
      expect(told(await pattern.next())).toEqual([
        ...["a/b +1 -0", "a/b/c +1 -0", "x/b +1 -0", "c/d +1 -0"],
      ]);
    });

    test("says every ten seconds how far it has come, past changes of other sources too", async () => {
      const { reader, first } = await opened({ sources: ["a"] });
      const began = rpc.clock.now();
      const { revision } = await from("b");
      const progress = await reader.next();
      expect(progress).toMatchObject({ changes: [], revision });
      expect(progress.resumeToken).not.toBe(first.resumeToken);
      // The clock may have gone on between the first message and now.
      expect(rpc.clock.now() - began).toBeGreaterThan(9900);
    });

    test("goes on from a token with no gap and no repeat", async () => {
      const expected = new Map<string, number>();
      const seen = new Map<string, number>();
      const count = (counts: Map<string, number>, source: string, series: number): void =>
        void counts.set(source, (counts.get(source) ?? 0) + series);
      let { reader, first: last } = await opened();
      let { revision } = last;
      // What was missed may come first, and what came since in another message.
      const readOn = async (): Promise<void> => {
        while (last.revision < revision) {
          last = await reader.next();
          for (const { source, added } of last.changes) count(seen, source, Number(added));
        }
      };
      for (let turn = 0; turn < 6; turn++) {
        for (const source of ["a", "b", `c${turn}`]) {
          ({ revision } = await from(source, source));
          count(expected, source, 2);
        }
        if (turn % 2 === 0) await readOn();
        await reader.end();
        ({ reader } = await opened({ resumeToken: last.resumeToken }));
      }
      await readOn();
      expect(seen).toEqual(expected);
    });

    test("what was missed is sent at once", async () => {
      const { first } = await opened();
      await from("a");
      const { reader } = await opened({
        resumeToken: first.resumeToken,
        interval: durationOf(60_000),
      });
      const began = rpc.clock.now();
      expect(told(await reader.next())).toEqual(["a +1 -0"]);
      expect(rpc.clock.now() - began).toBeLessThan(10_000);
    });

    test("a token is good for the same sources and the same tenant alone", async () => {
      await rpc.tenants.create({ tenant: { name: "t" } });
      const { first } = await opened({ sources: ["a"] });
      const { resumeToken } = first;
      await opened({ sources: ["/a/"], resumeToken });
      const others: [WatchInit, string?][] = [
        [{ resumeToken }],
        [{ sources: ["a", "b"], resumeToken }],
        [{ sources: ["a"], resumeToken: `${resumeToken}x` }],
        [{ sources: ["a"], resumeToken }, "t"],
      ];
      for (const [request, tenant] of others) {
        expect(await failureOf(open(request, tenant).next())).toMatchObject({
          code: Code.InvalidArgument,
          reason: "RESUME_TOKEN_INVALID",
        });
      }
    });

    test("what is too long ago to be remembered is gone", async () => {
      const { first } = await opened();
      await from("a");
      rpc.clock.advance(2 * 3_600_000);
      await from("b");
      expect(await failureOf(open({ resumeToken: first.resumeToken }).next())).toMatchObject({
        code: Code.OutOfRange,
        reason: "HISTORY_GONE",
      });
    });

    test("a commit of many sources comes in parts, with a token on the last", async () => {
      const small = await subject.open({ analyticsLimits: { messageBytesMax: 4096 } });
      const reader = open({}, "default", small);
      await reader.next();
      const series = Array.from({ length: 200 }, (_, at) => one({ source: `source/${at}` }));
      await small.analytics.addSeries({ series });
      const messages: WatchResponse[] = [];
      while (messages.flatMap(({ changes }) => changes).length < 200) {
        messages.push(await reader.next());
      }
      expect(messages.length).toBeGreaterThan(2);
      const withToken = messages.map(({ resumeToken }) => resumeToken !== "");
      expect(withToken).toEqual(messages.map((_, at) => at === messages.length - 1));
      const sources = messages.flatMap(({ changes }) => changes.map(({ source }) => source));
      expect(sources).toEqual(series.map(({ source }) => source));
      await reader.end();
      await small.close();
    });

    test("what retention deletes is told", async () => {
      await from("a", "b");
      const { reader } = await opened();
      const rules = [{ of: { case: "source", value: "a" }, keep: { case: "count", value: 0n } }];
      await rpc.analytics.setRetention({ rules: rules as never });
      expect(told(await reader.next())).toEqual(["a +0 -1"]);
    });

    test("a deleted tenant ends its watches, also when there is another of the name, and no other's", async () => {
      await rpc.tenants.create({ tenant: { name: "t" } });
      await rpc.analytics.addSeries({ series: [one()] }, as("t"));
      const { reader, first } = await opened({}, "t");
      const { reader: other } = await opened();
      await rpc.tenants.delete({ name: "t" });
      const gone = { code: Code.NotFound, reason: "TENANT_NOT_FOUND" };
      expect(await failureOf(reader.next())).toMatchObject(gone);
      await rpc.tenants.create({ tenant: { name: "t" } });
      const { reader: again } = await opened({}, "t");
      await rpc.tenants.delete({ name: "t" });
      await rpc.tenants.create({ tenant: { name: "t" } });
      await rpc.analytics.addSeries({ series: [one()] }, as("t"));
      expect(await failureOf(again.next())).toMatchObject(gone);
      const resumed = open({ resumeToken: first.resumeToken }, "t");
      expect(await failureOf(resumed.next())).toMatchObject({ reason: "HISTORY_GONE" });
      await from("a");
      expect(told(await other.next())).toEqual(["a +1 -0"]);
    });

    test("a server that shuts down ends them", async () => {
      const { reader } = await opened();
      const ended = failureOf(reader.next());
      await rpc.serving.drain();
      expect(await ended).toMatchObject({ code: Code.Unavailable, reason: "SHUTTING_DOWN" });
    });

    test("a listener that throws fails no write, and keeps no watch from being told", async () => {
      const stop = rpc.series.onChange(() => {
        throw new Error("the listener is broken");
      });
      const { reader } = await opened();
      expect(await from("a")).toMatchObject({ count: 1n });
      expect(told(await reader.next())).toEqual(["a +1 -0"]);
      expect(await stored(rpc)).toHaveLength(1);
      expect(rpc.reported.length).toBeGreaterThan(0);
      stop();
    });

    test("there are so many and no more, of both kinds together", async () => {
      const small = await subject.open({ analyticsLimits: { watchesMax: 1 } });
      const reader = open({}, "default", small);
      await reader.next();
      const query = { granularity: Granularity.TOTAL, select: [{ dimension: "d" }] };
      const second = new StreamReader(small, (signal) =>
        small.analytics.watchQuery({ query }, { signal }),
      );
      const full = { reason: "LIMIT_EXCEEDED", metadata: { limit: "watches", max: "1" } };
      expect(await failureOf(second.next())).toMatchObject(full);
      expect(await failureOf(open({}, "default", small).next())).toMatchObject(full);
      await reader.end();
      await small.close();
    });

    test("what is asked for is checked", async () => {
      const bad: [WatchInit, string][] = [
        [{ sources: ["a", "a//b"] }, "sources[1]"],
        [{ sources: [""] }, "sources[0]"],
        [{ interval: durationOf(60_001) }, "interval"],
        [{ interval: { seconds: -1n, nanos: 0 } }, "interval"],
      ];
      for (const [request, field] of bad) {
        expect(await failureOf(open(request).next())).toMatchObject({
          code: Code.InvalidArgument,
          reason: "INVALID_FIELD",
          fields: [field],
        });
      }
      expect(await failureOf(open({}, "absent").next())).toMatchObject({
        reason: "TENANT_NOT_FOUND",
      });
    });
  });
}
