import { type DescMessage, type MessageShape, toJsonString } from "@bufbuild/protobuf";
import { Code } from "@connectrpc/connect";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import {
  ListDimensionsResponseSchema,
  ListSourcesResponseSchema,
} from "#gen/tiffin/analytics/v1/analytics_service_pb.ts";
import { Granularity } from "#gen/tiffin/analytics/v1/query_pb.ts";
import {
  WatchQueryResponseSchema,
  WatchResponseSchema,
} from "#gen/tiffin/analytics/v1/watch_pb.ts";
import { dayOf2024, one, StreamReader } from "./rpc-analytics-parts.ts";
import { failureOf } from "./rpc-messages.ts";
import type { RpcSubject, RpcUnderTest } from "./rpc-subject.ts";

/** A client may ask for JSON, in which a text may take six times as much as in a message. */
export function describeAnalyticsJsonRoom(subject: RpcUnderTest): void {
  describe("what takes more room as JSON than as a message", () => {
    let rpc: RpcSubject;
    beforeEach(async () => {
      rpc = await subject.open({ analyticsLimits: { messageBytesMax } });
    });
    afterEach(() => rpc.close());

    const messageBytesMax = 8192;
    /** Paths of characters that JSON has to escape. */
    const paths = Array.from({ length: 30 }, (_, at) => `${"\u0001".repeat(100)}${at + 10}`);
    const add = () =>
      rpc.analytics.addSeries({
        series: paths.map((path) => one({ source: path, dimensions: { d: path } })),
      });
    const expectRoom = <Desc extends DescMessage>(schema: Desc, message: MessageShape<Desc>) =>
      expect(toJsonString(schema, message).length).toBeLessThanOrEqual(messageBytesMax);

    test("is answered in pages that have room for it", async () => {
      await add();
      const lists = [
        async (pageToken: string) => {
          const page = await rpc.analytics.listDimensions({ pageToken });
          expectRoom(ListDimensionsResponseSchema, page);
          return { names: page.dimensions.map(({ path }) => path), next: page.nextPageToken };
        },
        async (pageToken: string) => {
          const page = await rpc.analytics.listSources({ pageToken });
          expectRoom(ListSourcesResponseSchema, page);
          return { names: page.sources, next: page.nextPageToken };
        },
      ];
      for (const list of lists) {
        const found: string[] = [];
        let pageToken = "";
        do {
          const { names, next } = await list(pageToken);
          found.push(...names);
          pageToken = next;
        } while (pageToken !== "");
        expect(found).toEqual(paths);
      }
    });

    test("stands in page tokens as it is, so that the longest name and path have room in one", async () => {
      const name = "\u0001".repeat(255);
      const long = ["a", "b"].map((last) => "\u0001".repeat(1023) + last);
      await rpc.analytics.addSeries({
        series: long.map((path) => one({ dimensions: { [name]: path } })),
      });
      const first = await rpc.analytics.listDimensions({ pageSize: 1 });
      const second = await rpc.analytics.listDimensions({ pageToken: first.nextPageToken });
      const found = [...first.dimensions, ...second.dimensions].map(({ path }) => path);
      expect(found).toEqual(long);
    });

    test("is told to watches in messages that have room for it", async () => {
      const reader = new StreamReader(rpc, (signal) => rpc.analytics.watch({}, { signal }));
      await reader.next();
      await add();
      const found: string[] = [];
      while (found.length < paths.length) {
        const message = await reader.next();
        expectRoom(WatchResponseSchema, message);
        found.push(...message.changes.map(({ source }) => source));
      }
      expect(found).toEqual(paths);
      await reader.end();
    });

    test("is told to watches of queries in messages that have room for it", async () => {
      await add();
      const query = {
        ...{ granularity: Granularity.TOTAL, select: [{ dimension: "d" }] },
        ...{ startTime: dayOf2024(0), endTime: dayOf2024(1) },
      };
      const reader = new StreamReader(rpc, (signal) =>
        rpc.analytics.watchQuery({ query }, { signal }),
      );
      const found: (string | undefined)[] = [];
      for (let more = true; more; ) {
        const message = await reader.next();
        expectRoom(WatchQueryResponseSchema, message);
        found.push(...message.groups.map(({ dimensions }) => dimensions[0]?.path));
        more = message.more;
      }
      expect(found).toEqual(paths);
      await reader.end();
    });
  });

  describe("numbers that take more room as JSON than encoded", () => {
    let rpc: RpcSubject;
    afterEach(() => rpc.close());

    /** So many days of numbers that take 8 bytes each, and 18 characters. */
    const open = async (days: number, messageBytesMax: number) => {
      rpc = await subject.open({ analyticsLimits: { messageBytesMax } });
      const series = Array.from({ length: days }, (_, at) =>
        one({ startTime: dayOf2024(at), value: Math.PI * (at + 1), dimensions: { d: "a" } }),
      );
      await rpc.analytics.addSeries({ series });
      return {
        ...{ granularity: Granularity.DAILY, select: [{ dimension: "d" }] },
        ...{ startTime: dayOf2024(0), endTime: dayOf2024(days) },
      };
    };
    const isJson = subject.name === "connect-json";
    const outcomeOf = async (call: Promise<unknown>) => {
      if (!isJson) return call.then(() => "answered");
      const { code, reason, metadata } = await failureOf(call);
      const text = await call.catch(({ rawMessage }) => rawMessage as string);
      expect([code, reason]).toEqual([Code.ResourceExhausted, "LIMIT_EXCEEDED"]);
      const { limit, max, actual } = metadata;
      expect([limit, Number(actual) > Number(max)]).toEqual(["messageBytesMax", true]);
      return text;
    };

    test("are refused whole to those who want JSON, with what answers them", async () => {
      const query = await open(300, 24 * 1024);
      const outcome = await outcomeOf(rpc.analytics.query({ query }));
      expect(outcome).toMatch(isJson ? /the answer would have \d+ bytes.*StreamQuery/ : "answered");
      let periods = 0;
      for await (const message of rpc.analytics.streamQuery({ query })) {
        periods += message.periods.length;
      }
      expect(periods).toBe(300);
    });

    test("are refused in a stream, where one group has no room in a message", async () => {
      const query = await open(300, 8192);
      const read = async () => {
        for await (const _ of rpc.analytics.streamQuery({ query }));
      };
      expect(await outcomeOf(read())).toMatch(
        isJson ? /^one group.*as JSON.*TIFFIN_MESSAGE_BYTES_MAX.*shorter range/ : "answered",
      );
    });

    test("are refused to a watch of a query, as its periods are", async () => {
      const query = await open(300, 24 * 1024);
      const watch = async () => {
        for await (const _ of rpc.analytics.watchQuery({ query })) return;
      };
      expect(await outcomeOf(watch())).toMatch(
        isJson ? /^the periods.*as JSON.*TIFFIN_MESSAGE_BYTES_MAX.*shorter range/ : "answered",
      );
    });
  });
}
