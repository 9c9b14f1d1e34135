import { Code } from "@connectrpc/connect";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { EventType } from "#gen/tiffin/kv/v1/watch_pb.ts";
import { failureOf, text, WatchReader } from "./rpc-messages.ts";
import type { RpcSubject, RpcUnderTest } from "./rpc-subject.ts";
import { told, type WatchInit } from "./rpc-watches.ts";

export function describeWatchResuming(subject: RpcUnderTest): void {
  describe("Watch from where one left off", () => {
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

    function open(request: WatchInit = {}): WatchReader {
      const reader = new WatchReader((signal) => rpc.kv.watch(request, { signal }));
      readers.push(reader);
      return reader;
    }
    const set = (key: string, value = key) => rpc.kv.set({ key, value: text(value) });
    const next = async (reader: WatchReader, count: number): Promise<string[]> =>
      (await reader.events(count)).map(told);
    const since = (value: bigint) => ({ start: { case: "afterRevision" as const, value } });
    const from = (value: string) => ({ start: { case: "resumeToken" as const, value } });
    const initial = { start: { case: "initialState" as const, value: true } };

    /** A namespace's life: written, deleted, made again, deleted again; each line one commit's event. */
    async function live(): Promise<{ lines: string[]; revisions: bigint[] }> {
      const lines: string[] = [];
      const revisions: bigint[] = [];
      const wrote = async (line: string, call: Promise<unknown>): Promise<void> => {
        await call;
        lines.push(line);
        revisions.push((await rpc.kv.get({ key: "any" })).revision);
      };
      for (const round of ["1", "2", "3"]) {
        await wrote(`PUT a a${round}`, set("a", `a${round}`));
        await wrote(`PUT b b${round}`, set("b", `b${round}`));
        await wrote("DELETE a", rpc.kv.delete({ key: "a" }));
        await wrote('DELETE_RANGE ["",""]', rpc.kv.deleteNamespace({}));
      }
      await wrote("PUT c end", set("c", "end"));
      return { lines, revisions };
    }

    test("after any revision comes all that followed it, through deletions of the namespace", async () => {
      const { revision: start } = await rpc.kv.get({ key: "a" });
      const { lines, revisions } = await live();
      for (const [at, revision] of [start, ...revisions].entries()) {
        const rest = lines.slice(at);
        expect(await next(open(since(revision)), rest.length), `after line ${at}`).toEqual(rest);
      }
    });

    test("the same where the namespace is not there by then", async () => {
      const { revision: start } = await rpc.kv.get({ key: "a" });
      const { lines, revisions } = await live();
      await rpc.kv.deleteNamespace({});
      lines.push('DELETE_RANGE ["",""]');
      for (const [at, revision] of [start, ...revisions].entries()) {
        const rest = lines.slice(at);
        const reader = open(since(revision));
        expect(await next(reader, rest.length), `after line ${at}`).toEqual(rest);
        if (at < revisions.length) continue;
        await set("z");
        expect(await next(reader, 1)).toEqual(["PUT z z"]);
      }
    });

    test("a watch runs through the deletion of its namespace, and through its return", async () => {
      const whole = open();
      const key = open({ selector: { case: "key", value: "b" } });
      for (const reader of [whole, key]) await reader.next();
      const { lines } = await live();
      expect(await next(whole, lines.length)).toEqual(lines);
      const ofKey = ["1", "2", "3"].flatMap((round) => [
        `PUT b b${round}`,
        'DELETE_RANGE ["b","b\\u0000"]',
      ]);
      expect(await next(key, ofKey.length)).toEqual(ofKey);
    });

    test("from any token comes what followed it, nothing twice and nothing left out", async () => {
      const reader = open();
      await reader.next();
      const tokens = [reader.token];
      const { lines } = await live();
      const seen: string[] = [];
      while (seen.length < lines.length) {
        seen.push(...(await reader.next()).events.map(told));
        tokens.push(reader.token);
      }
      for (const [at, token] of tokens.entries()) {
        const rest = lines.slice(at);
        const resumed = open(from(token));
        expect((await resumed.next()).resumeToken).toBe(token);
        expect(await next(resumed, rest.length)).toEqual(rest);
      }
    });

    test("a progress message's token resumes too", async () => {
      const reader = open({ selector: { case: "key", value: "a" } });
      await reader.next();
      await set("b");
      rpc.clock.advance(10_000);
      await reader.next();
      await set("a");
      const resumed = open({ selector: { case: "key", value: "a" }, ...from(reader.token) });
      expect(await next(resumed, 1)).toEqual(["PUT a a"]);
    });

    test("the initial state comes first, of one moment, and its changes after", async () => {
      const keys = Array.from({ length: 1500 }, (_, at) => `k${String(at).padStart(4, "0")}`);
      for (let at = 0; at < keys.length; at += 500) {
        const items = keys.slice(at, at + 500).map((key) => ({ key, value: text(key) }));
        await rpc.kv.batchSet({ items });
      }
      const reader = open(initial);
      const first = await reader.next();
      expect([first.events, first.resumeToken]).toEqual([[], ""]);
      await set("k0000", "changed");
      await set("new");
      const seen: string[] = [];
      while (reader.token === "") {
        const { events, revision } = await reader.next();
        expect(revision).toBe(first.revision);
        for (const event of events) {
          expect([event.type, event.revision]).toEqual([EventType.INITIAL, first.revision]);
        }
        seen.push(...events.map(({ entry }) => entry?.key ?? ""));
      }
      expect(seen).toEqual(keys);
      expect(await next(reader, 2)).toEqual(["PUT k0000 changed", "PUT new new"]);
      const resumed = open(from(reader.token));
      await resumed.next();
      await set("last");
      expect(await next(resumed, 1)).toEqual(["PUT last last"]);
    });

    test("the initial state of what is not there is nothing, and its creation is seen", async () => {
      const reader = open({ namespace: "n", ...initial });
      await reader.next();
      expect((await reader.next()).resumeToken).not.toBe("");
      await rpc.kv.set({ namespace: "n", key: "a", value: text("one") });
      expect(await next(reader, 1)).toEqual(["PUT a one"]);
    });

    test("to list, then to watch after the list's revision, misses nothing", async () => {
      await set("a");
      const { entries, revision } = await rpc.kv.list({});
      await set("b");
      expect(entries.map(({ key }) => key)).toEqual(["a"]);
      expect(await next(open(since(revision)), 1)).toEqual(["PUT b b"]);
    });

    test("a token that was altered, or is another watch's, is refused", async () => {
      await rpc.tenants.create({ tenant: { name: "other" } });
      const reader = open({ selector: { case: "prefix", value: "a" } });
      await reader.next();
      const selector = { case: "prefix" as const, value: "a" };
      const token = from(reader.token);
      const failure = {
        code: Code.InvalidArgument,
        reason: "RESUME_TOKEN_INVALID",
        fields: ["resume_token"],
      };
      const { nextPageToken } = await (async () => {
        await set("a1");
        await set("a2");
        return rpc.kv.list({ selector, pageSize: 1 });
      })();
      const refused: WatchInit[] = [
        { selector, ...from(`${reader.token}A`) },
        { selector, ...from(reader.token.slice(0, -1)) },
        { selector, ...from(`B${reader.token.slice(1)}`) },
        { selector, ...from(nextPageToken) },
        { ...token },
        { selector: { case: "prefix", value: "b" }, ...token },
        { selector, namespace: "n", ...token },
      ];
      for (const request of refused) {
        expect(await failureOf(open(request).next())).toMatchObject(failure);
      }
      const headers = { "tiffin-tenant": "other" };
      const foreign = new WatchReader((signal) =>
        rpc.kv.watch({ selector, ...token }, { signal, headers }),
      );
      expect(await failureOf(foreign.next())).toMatchObject(failure);
      await open({ selector, ...token }).next();
    });

    test("what was left off in a deleted tenant is not resumed in one that took its name", async () => {
      const headers = { "tiffin-tenant": "t" };
      const watch = (request: WatchInit): WatchReader =>
        new WatchReader((signal) => rpc.kv.watch(request, { signal, headers }));
      await rpc.tenants.create({ tenant: { name: "t" } });
      await rpc.kv.set({ key: "a", value: text("old") }, { headers });
      const reader = watch({});
      await reader.next();
      await rpc.tenants.delete({ name: "t" });
      await rpc.tenants.create({ tenant: { name: "t" } });
      await rpc.kv.set({ key: "b", value: text("new") }, { headers });
      // Its holder knows of "a", and would never learn that it is gone.
      expect(await failureOf(watch(from(reader.token)).next())).toMatchObject({
        code: Code.OutOfRange,
        reason: "HISTORY_GONE",
      });
      await reader.end();
    });

    test("a revision that was never one, or is forgotten, is refused with the oldest that is kept", async () => {
      const failure = { code: Code.OutOfRange, reason: "HISTORY_GONE" };
      const { revision } = await rpc.kv.get({ key: "a" });
      await set("a");
      for (const never of [1n, revision + 1_000_000_000n, 2n ** 63n - 1n]) {
        expect(await failureOf(open(since(never)).next())).toMatchObject(failure);
      }
      const small = await subject.open({ historyBytes: 4096 });
      const { version } = await small.kv.set({ key: "a", value: text("one") });
      for (let at = 0; at < 50; at++) {
        await small.kv.set({ key: "a", value: text("x".repeat(500)) });
      }
      const late = new WatchReader((signal) => small.kv.watch(since(version), { signal }));
      const { metadata, ...gone } = await failureOf(late.next());
      expect(gone).toMatchObject(failure);
      expect(Number(metadata["oldest"])).toBeGreaterThan(Number(version));
      await small.close();
    });
  });
}
