import type { MessageInitShape } from "@bufbuild/protobuf";
import { Code } from "@connectrpc/connect";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import {
  Granularity,
  type Group,
  type Period,
  type SeriesQuerySchema,
} from "#gen/tiffin/analytics/v1/query_pb.ts";
import type { WatchQueryResponse } from "#gen/tiffin/analytics/v1/watch_pb.ts";
import { propertyParameters } from "../support/property.ts";
import { as, dayOf2024, one, StreamReader } from "./rpc-analytics-parts.ts";
import { durationOf, failureOf, msOf } from "./rpc-messages.ts";
import type { RpcSubject, RpcUnderTest } from "./rpc-subject.ts";

type QueryInit = MessageInitShape<typeof SeriesQuerySchema>;

const byPath = { granularity: Granularity.TOTAL, select: [{ dimension: "d" }] };
const ofJanuary = { ...byPath, startTime: dayOf2024(0), endTime: dayOf2024(31) };

export function describeAnalyticsWatchedQueries(subject: RpcUnderTest): void {
  describe("WatchQuery", () => {
    let rpc: RpcSubject;
    const readers: StreamReader<WatchQueryResponse>[] = [];
    beforeEach(async () => {
      rpc = await subject.open();
    });
    afterEach(async () => {
      for (const reader of readers.splice(0)) await reader.end();
      await rpc.close();
    });

    const open = (
      query: QueryInit | undefined = ofJanuary,
      intervalMs = 200,
      tenant = "default",
    ) => {
      const request = { query, interval: durationOf(intervalMs) };
      const reader = new StreamReader(rpc, (signal) =>
        rpc.analytics.watchQuery(request, { signal, ...as(tenant) }),
      );
      readers.push(reader);
      return reader;
    };
    const add = (path: string, value: number, days = 1) =>
      rpc.analytics.addSeries({
        series: [one({ value, dimensions: { d: path }, startTime: dayOf2024(days) })],
      });
    const remove = (path: string) =>
      rpc.analytics.deleteSeries({ filter: { select: [{ dimension: "d", paths: [path] }] } });
    /** A group in a line: its path, and the values. */
    const inShort = ({ dimensions, value }: Group): string =>
      `${dimensions[0]?.path} ${value.join()}`;

    test("the first message has the whole answer", async () => {
      await add("a", 1);
      const { revision } = await add("b", 2);
      const first = await open().next();
      expect(first).toMatchObject({ reset: true, more: false, removed: [], revision });
      expect(first.periods.map(({ label }) => label)).toEqual(["total"]);
      expect(first.groups.map(inShort)).toEqual(["a 1", "b 2"]);
      const answer = await rpc.analytics.query({ query: ofJanuary });
      expect(first.groups).toEqual(answer.groups);
      expect(first.periods).toEqual(answer.periods);
    });

    test("from then on come the groups that are new or have changed, and which have gone", async () => {
      await add("a", 1);
      await add("b", 2);
      const reader = open();
      await reader.next();
      await add("b", 3);
      await add("c", 4);
      const changed = await reader.next();
      expect(changed).toMatchObject({ reset: false, more: false, periods: [], removed: [] });
      expect(changed.groups.map(inShort)).toEqual(["b 5", "c 4"]);
      await remove("a");
      const removed = await reader.next();
      expect(removed.groups).toEqual([]);
      expect(removed.removed.map(inShort)).toEqual(["a "]);
      expect(removed.removed[0]).toMatchObject({ metric: "Sold", unit: "" });
    });

    test("nothing is sent of what does not change the answer", async () => {
      await add("a", 1);
      const reader = open();
      await reader.next();
      await add("a", 9, 100);
      rpc.clock.advance(1000);
      const { revision } = await add("a", 2);
      const message = await reader.next();
      expect(message.groups.map(inShort)).toEqual(["a 3"]);
      expect(message.revision).toBe(revision);
    });

    test("what is said of a path from then on comes with its groups", async () => {
      await add("a", 1);
      await add("b", 1);
      const reader = open();
      await reader.next();
      await rpc.analytics.updateDimension({ dimension: { name: "d", path: "b", label: "B" } });
      const { groups } = await reader.next();
      expect(groups.map(({ dimensions }) => dimensions[0]?.label)).toEqual(["B"]);
    });

    test("the query is asked again no sooner than the interval after the last time", async () => {
      await add("a", 1);
      const reader = open(ofJanuary, 60_000);
      await reader.next();
      const began = rpc.clock.now();
      await add("a", 1);
      await add("a", 1);
      expect((await reader.next()).groups.map(inShort)).toEqual(["a 3"]);
      expect(rpc.clock.now() - began).toBeGreaterThanOrEqual(60_000);
    });

    test("an answer of other periods begins anew", async () => {
      await add("a", 1);
      await add("b", 1);
      const reader = open({ ...byPath, startTime: dayOf2024(0), granularity: Granularity.DAILY });
      expect((await reader.next()).periods).toHaveLength(2);
      await add("a", 2, 2);
      const message = await reader.next();
      expect(message.reset).toBe(true);
      expect(message.periods).toHaveLength(3);
      expect(message.groups.map(inShort)).toEqual(["a 0,1,2", "b 0,1,0"]);
    });

    test("an answer to which there is nothing yet is sent empty, and filled", async () => {
      const reader = open(byPath);
      expect(await reader.next()).toMatchObject({ reset: true, periods: [], groups: [] });
      await add("a", 1);
      expect((await reader.next()).groups.map(inShort)).toEqual(["a 1"]);
      await remove("a");
      expect(await reader.next()).toMatchObject({ reset: true, periods: [], groups: [] });
    });

    test("a relative range moves on with the clock", async () => {
      const relativeRange = { count: 2, unit: Granularity.HOURLY, includeCurrent: true };
      const query = {
        relativeRange,
        granularity: Granularity.HOURLY,
        select: [{ dimension: "d" }],
      };
      const now = rpc.clock.now();
      const startTime = { seconds: BigInt(Math.floor(now / 1000)), nanos: 0 };
      await rpc.analytics.addSeries({ series: [one({ startTime, dimensions: { d: "a" } })] });
      const reader = open(query);
      const first = await reader.next();
      expect(first.groups.map(inShort)).toEqual(["a 0,1"]);
      rpc.clock.advance(3_600_000 - 5);
      const moved = await reader.next();
      expect(moved.reset).toBe(true);
      expect(moved.groups.map(inShort)).toEqual(["a 1,0"]);
      expect(msOf(moved.periods[0]?.startTime)).toBe(msOf(first.periods[1]?.startTime));
    });

    test("a large answer comes in messages that say that more follow", async () => {
      const small = await subject.open({ analyticsLimits: { messageBytesMax: 4096 } });
      const paths = Array.from({ length: 100 }, (_, at) => `path/${at}/${"x".repeat(50)}`);
      const series = paths.map((d) => one({ dimensions: { d }, startTime: dayOf2024(1) }));
      await small.analytics.addSeries({ series });
      const reader = new StreamReader(small, (signal) =>
        small.analytics.watchQuery({ query: ofJanuary }, { signal }),
      );
      const messages: WatchQueryResponse[] = [];
      do messages.push(await reader.next());
      while (messages.at(-1)?.more);
      expect(messages.length).toBeGreaterThan(2);
      expect(messages.map(({ reset }) => reset)).toEqual(messages.map((_, at) => at === 0));
      const groups = messages.flatMap((message) => message.groups);
      expect(groups.map(({ dimensions }) => dimensions[0]?.path)).toEqual(paths);
      await reader.end();
      await small.close();
    });

    test("a deleted tenant ends it", async () => {
      await rpc.tenants.create({ tenant: { name: "t" } });
      const reader = open(ofJanuary, 0, "t");
      await reader.next();
      await rpc.tenants.delete({ name: "t" });
      const gone = { code: Code.NotFound, reason: "TENANT_NOT_FOUND" };
      expect(await failureOf(reader.next())).toMatchObject(gone);
      expect(await failureOf(open(ofJanuary, 0, "t").next())).toMatchObject(gone);
    });

    test("a server that shuts down ends it", async () => {
      const reader = open();
      await reader.next();
      const ended = failureOf(reader.next());
      await rpc.serving.drain();
      expect(await ended).toMatchObject({ code: Code.Unavailable, reason: "SHUTTING_DOWN" });
    });

    test("what is asked for is checked", async () => {
      const bad: [QueryInit, string][] = [
        [{ ...ofJanuary, select: [] }, "query.select"],
        [{ ...ofJanuary, granularity: 0 }, "query.granularity"],
        [{ ...ofJanuary, timeZone: "Mars/Olympus" }, "query.time_zone"],
        [{ ...ofJanuary, endTime: dayOf2024(-1) }, "query.end_time"],
        [
          { ...ofJanuary, select: [{ dimension: "d", paths: ["a//b"] }] },
          "query.select[0].paths[0]",
        ],
      ];
      for (const [query, field] of bad) {
        expect(await failureOf(open(query).next())).toMatchObject({
          code: Code.InvalidArgument,
          reason: "INVALID_FIELD",
          fields: [field],
        });
      }
      expect(await failureOf(open(ofJanuary, 60_001).next())).toMatchObject({
        fields: ["interval"],
      });
    });

    test("what the messages add up to is what Query answers, whatever is added and deleted", async () => {
      const change = fc.record({
        path: fc.constantFrom("a", "a/b", "c"),
        value: fc.integer({ min: -3, max: 3 }),
        days: fc.integer({ min: -1, max: 4 }),
        isDeletion: fc.boolean(),
      });
      const daily = { ...byPath, granularity: Granularity.DAILY };
      const begin = async () => {
        for (const path of ["a", "c", "end"]) await remove(path);
        const reader = open(daily);
        const copy = new AnswerCopy();
        copy.apply(await reader.next());
        return { reader, copy };
      };
      const apply = ({ path, value, days, isDeletion }: Change): Promise<unknown> =>
        isDeletion ? remove(path) : add(path, value, days);
      const check = async (turns: Change[][]): Promise<void> => {
        const { reader, copy } = await begin();
        for (const [at, changes] of turns.entries()) {
          for (const change of changes) await apply(change);
          // Whatever the changes came to, this is a difference to wait for.
          await add("end", 1, 3);
          await copy.follow(reader, at + 1);
          const { periods, groups } = await rpc.analytics.query({ query: daily });
          expect(copy.periods).toEqual(periods);
          expect(copy.groups).toEqual(new Map(groups.map((group) => [keyOf(group), group])));
        }
        await reader.end();
      };
      const plan = fc.array(fc.array(change, { maxLength: 3 }), { minLength: 1, maxLength: 5 });
      await fc.assert(fc.asyncProperty(plan, check), propertyParameters(10));
    });
  });
}

interface Change {
  readonly path: string;
  readonly value: number;
  readonly days: number;
  readonly isDeletion: boolean;
}

/** The answer, as who reads a watched query keeps it. */
class AnswerCopy {
  periods: readonly Period[] = [];
  groups = new Map<string, Group>();

  apply({ reset, periods, groups, removed }: WatchQueryResponse): void {
    if (reset) {
      this.periods = periods;
      this.groups.clear();
    }
    for (const group of groups) this.groups.set(keyOf(group), group);
    for (const group of removed) {
      if (!this.groups.delete(keyOf(group))) throw new Error("what was never there has gone");
    }
  }

  /** Reads on until the group `end` has come so far. */
  async follow(reader: StreamReader<WatchQueryResponse>, sum: number): Promise<void> {
    while (this.sumOf("end") !== sum) this.apply(await reader.next());
  }

  /** The last running total of the path's group. */
  sumOf(path: string): number | undefined {
    for (const { dimensions, sum } of this.groups.values()) {
      if (dimensions[0]?.path === path) return sum.at(-1);
    }
    return undefined;
  }
}

const keyOf = ({ dimensions, metric, unit }: Group): string =>
  JSON.stringify([dimensions.map(({ name, path }) => [name, path]), metric, unit]);
