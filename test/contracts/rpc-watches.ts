import { Code } from "@connectrpc/connect";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { EntryView } from "#gen/tiffin/kv/v1/entry_pb.ts";
import { type Event, EventType } from "#gen/tiffin/kv/v1/watch_pb.ts";
import { settle } from "../support/settle.ts";
import { failureOf, text, textOf, ttl, WatchReader } from "./rpc-messages.ts";
import type { RpcSubject, RpcUnderTest } from "./rpc-subject.ts";

export type WatchInit = Parameters<RpcSubject["kv"]["watch"]>[0];

/** An event in a line: what happened to which key or range, and the value it has now. */
export function told({ type, entry, range }: Event): string {
  const name = Object.keys(EventType).find(
    (at) => EventType[at as keyof typeof EventType] === type,
  );
  if (range !== undefined) return `${name} ${JSON.stringify([range.start, range.end])}`;
  return [name, entry?.key, textOf(entry?.value)].filter((part) => part !== undefined).join(" ");
}

export function describeWatches(subject: RpcUnderTest): void {
  describe("Watch", () => {
    let rpc: RpcSubject;
    let readers: WatchReader[];
    beforeEach(async () => {
      rpc = await subject.open();
      readers = [];
    });
    afterEach(async () => {
      for (const reader of readers) await reader.end();
      await rpc.close();
    });

    function open(request: WatchInit = {}, headers = {}): WatchReader {
      const reader = new WatchReader((signal) => rpc.kv.watch(request, { signal, headers }));
      readers.push(reader);
      return reader;
    }
    const set = (key: string, value = key, namespace = "") =>
      rpc.kv.set({ namespace, key, value: text(value) });
    const next = async (reader: WatchReader, count: number): Promise<string[]> =>
      (await reader.events(count)).map(told);

    test("the first message comes at once, with where to resume", async () => {
      const { version } = await set("a");
      const first = await open().next();
      expect(first.events).toEqual([]);
      expect(first.revision).toBeGreaterThanOrEqual(version);
      expect(first.resumeToken).not.toBe("");
    });

    test("tells what happens from then on, in order and in whole commits", async () => {
      const { kv } = rpc;
      await set("before");
      const reader = open();
      await reader.next();
      const created = await set("a", "one");
      await set("a", "two");
      const batch = await kv.batchSet({
        items: ["b", "c"].map((key) => ({ key, value: text(key) })),
      });
      await kv.delete({ key: "a" });
      await kv.deleteRange({ selector: { case: "prefix", value: "b" } });
      await kv.delete({ key: "absent" });
      await set("d");
      const first = await reader.next();
      expect(first.events.map(told)).toEqual(["PUT a one"]);
      expect(first.revision).toBe(created.version);
      expect(first.events[0]).toMatchObject({
        revision: created.version,
        entry: { version: created.version, createVersion: created.version },
      });
      const second = await reader.next();
      expect(second.events[0]?.entry?.createVersion).toBe(created.version);
      const third = await reader.next();
      expect(third.events.map(told)).toEqual(["PUT b b", "PUT c c"]);
      expect(third.revision).toBe(batch.revision);
      expect(await next(reader, 3)).toEqual(["DELETE a", 'DELETE_RANGE ["b","c"]', "PUT d d"]);
    });

    const selectors = [
      [{ case: "key" as const, value: "b" }, ["PUT b b", 'DELETE_RANGE ["b","b\\u0000"]']],
      [{ case: "prefix" as const, value: "b" }, ["PUT b b", "PUT b1 b1", 'DELETE_RANGE ["b","c"]']],
      [
        { case: "range" as const, value: { start: "b1", end: "" } },
        ["PUT b1 b1", "PUT c c", 'DELETE_RANGE ["b1","c"]'],
      ],
      [
        { case: "range" as const, value: { start: "", end: "b1" } },
        ["PUT a a", "PUT b b", 'DELETE_RANGE ["b","b1"]'],
      ],
    ] as const;
    test.each(selectors)(
      "tells of %j alone, a range deletion cut to it",
      async (selector, expected) => {
        await set("z");
        const reader = open({ selector });
        await reader.next();
        for (const key of ["a", "b", "b1", "c"]) await set(key);
        await set("b", "b", "other");
        await rpc.kv.deleteRange({ selector: { case: "prefix", value: "b" } });
        expect(await next(reader, expected.length)).toEqual(expected);
      },
    );

    test("tells of previous entries, of keys alone, of some types alone, when asked", async () => {
      await set("a", "one");
      const previous = open({ includePrevious: true });
      const keys = open({ includePrevious: true, view: EntryView.KEYS });
      const deletes = open({ types: [EventType.DELETE] });
      for (const reader of [previous, keys, deletes]) await reader.next();
      await set("a", "two");
      await set("b");
      await rpc.kv.delete({ key: "a" });
      const full = await previous.events(3);
      expect(full.map((event) => textOf(event.previous?.value))).toEqual(["one", undefined, "two"]);
      expect(full[1]?.previous).toBeUndefined();
      const bare = await keys.events(3);
      expect(bare.map(({ entry, previous: old }) => [entry?.value, old?.value])).toEqual(
        bare.map(() => [undefined, undefined]),
      );
      expect(bare[0]?.previous?.version).toBe(full[0]?.previous?.version);
      expect(await next(deletes, 1)).toEqual(["DELETE a"]);
    });

    test("an expired entry is told of once, before what is put in its place", async () => {
      const reader = open({ includePrevious: true });
      await reader.next();
      await rpc.kv.set({ key: "a", value: text("one"), expiry: ttl(5000) });
      await rpc.kv.set({ key: "b", value: text("one"), expiry: ttl(5000) });
      expect(await next(reader, 2)).toEqual(["PUT a one", "PUT b one"]);
      rpc.clock.advance(5000);
      await set("a", "two");
      // The sweeper comes by when time goes on.
      const events = await settle(rpc.clock, reader.events(3));
      expect(events.filter(({ entry }) => entry?.key === "a").map(told)).toEqual([
        "EXPIRE a",
        "PUT a two",
      ]);
      expect(events.filter(({ entry }) => entry?.key === "b").map(told)).toEqual(["EXPIRE b"]);
      const put = events.find(({ type }) => type === EventType.PUT);
      expect(put?.entry?.createVersion).toBe(put?.entry?.version);
      expect(put?.previous).toBeUndefined();
      const expired = events.find(({ type }) => type === EventType.EXPIRE);
      expect(textOf(expired?.previous?.value)).toBe("one");
    });

    test("a changed expiry alone is no event", async () => {
      const reader = open();
      await reader.next();
      await set("a");
      await rpc.kv.expire({ key: "a", expiry: { case: "persist", value: true } });
      await rpc.kv.expire({ key: "a", expiry: { case: "ttl", value: { seconds: 9n } } });
      await set("b");
      expect(await next(reader, 2)).toEqual(["PUT a a", "PUT b b"]);
    });

    test("says every ten seconds how far it has come", async () => {
      const reader = open({ selector: { case: "key", value: "a" } });
      const first = await reader.next();
      const { version } = await set("b");
      rpc.clock.advance(10_000);
      const progress = await reader.next();
      expect(progress.events).toEqual([]);
      expect(progress.revision).toBeGreaterThanOrEqual(version);
      expect(progress.resumeToken).not.toBe(first.resumeToken);
    });

    test("reason 11: a commit larger than a mebibyte comes in parts, with a token on the last", async () => {
      const reader = open();
      const { resumeToken } = await reader.next();
      const large = "x".repeat(400_000);
      const keys = ["a", "b", "c", "d", "e"];
      await rpc.kv.batchSet({ items: keys.map((key) => ({ key, value: text(large) })) });
      const messages = [];
      let count = 0;
      while (count < keys.length) {
        const message = await reader.next();
        messages.push(message);
        count += message.events.length;
      }
      expect(messages.flatMap(({ events }) => events.map(({ entry }) => entry?.key))).toEqual(keys);
      expect(messages.length).toBeGreaterThan(1);
      expect(messages.slice(0, -1).map((message) => message.resumeToken)).toEqual(
        messages.slice(0, -1).map(() => ""),
      );
      expect(messages.at(-1)?.resumeToken).not.toBe("");
      expect(messages.at(-1)?.resumeToken).not.toBe(resumeToken);
    });

    test("a commit larger than a message comes in parts too, and so does the initial state", async () => {
      const small = await subject.open({ limits: { messageBytesMax: 4096 } });
      const items = ["a", "b", "c"].map((key) => ({ key, value: text("x".repeat(1800)) }));
      const read = (request: WatchInit) =>
        new WatchReader((signal) => small.kv.watch(request, { signal }));
      const reader = read({});
      await reader.next();
      await small.kv.batchSet({ items });
      const initial = read({ start: { case: "initialState", value: true } });
      expect((await initial.next()).events).toEqual([]);
      for (const each of [reader, initial]) {
        expect((await each.next()).events.length).toBe(2);
        expect((await each.next()).events.length).toBe(1);
        await each.end();
      }
      await small.close();
    });

    test("an evicted entry is told of", async () => {
      const small = await subject.open({
        bytesMax: 2 * 1024 * 1024,
        historyBytes: 256 * 1024,
        whenFull: "evict",
      });
      const types = [EventType.EVICT];
      const reader = new WatchReader((signal) => small.kv.watch({ types }, { signal }));
      await reader.next();
      const value = text("x".repeat(5000));
      const evicted = reader.events(1);
      for (let at = 0; at < 450; at++) await small.kv.set({ key: `k${at}`, value });
      const [event] = await evicted;
      expect(event?.type).toBe(EventType.EVICT);
      expect((await small.kv.get({ key: event?.entry?.key ?? "" })).entry).toBeUndefined();
      await reader.end();
      await small.close();
    });

    test("a deleted tenant ends its watches", async () => {
      await rpc.tenants.create({ tenant: { name: "t" } });
      const reader = open({}, { "tiffin-tenant": "t" });
      await reader.next();
      await rpc.tenants.update({ tenant: { name: "t", displayName: "still here" } });
      await rpc.kv.set({ key: "a", value: text("one") }, { headers: { "tiffin-tenant": "t" } });
      expect(await next(reader, 1)).toEqual(["PUT a one"]);
      await rpc.tenants.delete({ name: "t" });
      expect(await failureOf(reader.next())).toMatchObject({
        code: Code.NotFound,
        reason: "TENANT_NOT_FOUND",
      });
    });

    test("a server that shuts down ends them", async () => {
      const reader = open();
      await reader.next();
      const ended = failureOf(reader.next());
      await rpc.serving.drain();
      expect(await ended).toMatchObject({ code: Code.Unavailable, reason: "SHUTTING_DOWN" });
    });

    test("there are so many and no more, and one that ends makes room", async () => {
      const small = await subject.open({ limits: { watchesMax: 1 } });
      const watch = () => new WatchReader((signal) => small.kv.watch({}, { signal }));
      const first = watch();
      await first.next();
      expect(await failureOf(watch().next())).toMatchObject({
        code: Code.ResourceExhausted,
        reason: "LIMIT_EXCEEDED",
        metadata: { limit: "watches", max: "1" },
      });
      await first.end();
      await untilItSucceeds(async () => {
        const second = watch();
        await second.next();
        await second.end();
      });
      await small.close();
    });
  });
}

/** The server learns of a client's leaving when its transport tells: soon, but not at once. */
async function untilItSucceeds(attempt: () => Promise<void>): Promise<void> {
  for (let tries = 1; ; tries++) {
    try {
      return await attempt();
    } catch (error) {
      if (tries === 1000) throw error;
    }
  }
}
