import { Code } from "@connectrpc/connect";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { EntryView } from "#gen/tiffin/kv/v1/entry_pb.ts";
import { propertyParameters } from "../support/property.ts";
import { failureOf, inShort, text } from "./rpc-messages.ts";
import type { RpcSubject, RpcUnderTest } from "./rpc-subject.ts";

type ListInit = Parameters<RpcSubject["kv"]["list"]>[0];

export function describeLists(subject: RpcUnderTest): void {
  describe("List, Count and Scan", () => {
    let rpc: RpcSubject;
    beforeEach(async () => {
      rpc = await subject.open();
    });
    afterEach(() => rpc.close());

    const byBytes = (a: string, b: string): number =>
      Buffer.compare(Buffer.from(a), Buffer.from(b));
    const write = (keys: readonly string[], namespace = "") =>
      rpc.kv.batchSet({ namespace, items: keys.map((key) => ({ key, value: text(key) })) });
    async function pages(request: ListInit, sizes: readonly number[] = [0]): Promise<string[]> {
      const keys: string[] = [];
      let pageToken = "";
      let page = 0;
      do {
        const pageSize = sizes[page++ % sizes.length] ?? 0;
        const answer = await rpc.kv.list({ ...request, pageSize, pageToken });
        keys.push(...answer.entries.map(({ key }) => key));
        if (pageSize > 0) expect(answer.entries.length).toBeLessThanOrEqual(pageSize);
        pageToken = answer.nextPageToken;
      } while (pageToken !== "");
      return keys;
    }

    test("what is not there is listed as nothing, at a revision", async () => {
      const { entries, nextPageToken, revision } = await rpc.kv.list({ namespace: "absent" });
      expect([entries, nextPageToken]).toEqual([[], ""]);
      expect(revision).toBeGreaterThan(0n);
      expect(await rpc.kv.count({ namespace: "absent" })).toMatchObject({ count: 0n });
      const messages = [];
      for await (const message of rpc.kv.scan({ namespace: "absent" })) messages.push(message);
      expect(messages).toMatchObject([{ entries: [] }]);
    });

    test("the keys view leaves the values out, and nothing else", async () => {
      await write(["a", "b"]);
      const full = await rpc.kv.list({});
      const keys = await rpc.kv.list({ view: EntryView.KEYS });
      expect(inShort(full.entries)).toEqual({ a: "a", b: "b" });
      expect(keys.entries.map(({ value, ...entry }) => [value, entry])).toEqual(
        full.entries.map(({ value: _, ...entry }) => [undefined, entry]),
      );
      for await (const { entries } of rpc.kv.scan({ view: EntryView.KEYS })) {
        expect(entries.map(({ value }) => value)).toEqual([undefined, undefined]);
      }
    });

    const name = fc.oneof(
      fc.string({ minLength: 1, maxLength: 3 }),
      fc.string({
        minLength: 1,
        maxLength: 3,
        unit: fc.constantFrom("a", "b", "\u0000", "\u{10ffff}", "é", "\ue000", "\u{1f600}", "/"),
      }),
    );
    const wellFormed = name.filter((text) => text.isWellFormed());
    const selector = fc.oneof(
      fc.constant({ case: undefined }),
      fc.record({
        case: fc.constant("prefix" as const),
        value: fc.oneof(fc.constant(""), wellFormed),
      }),
      fc
        .tuple(fc.oneof(fc.constant(""), wellFormed), fc.oneof(fc.constant(""), wellFormed))
        .filter(([start, end]) => end === "" || byBytes(start, end) <= 0)
        .map(([start, end]) => ({ case: "range" as const, value: { start, end } })),
    );
    const isIn = (key: string, chosen: NonNullable<ListInit["selector"]>): boolean => {
      if (chosen.case === "prefix") return key.startsWith(chosen.value);
      if (chosen.case !== "range") return true;
      const { start = "", end = "" } = chosen.value;
      return byBytes(key, start) >= 0 && (end === "" || byBytes(key, end) < 0);
    };

    test("pages of any size and a scan hold every key under the selector once, in either order", async () => {
      await fc.assert(
        fc.asyncProperty(
          fc.uniqueArray(wellFormed, { minLength: 1, maxLength: 20 }),
          selector,
          fc.boolean(),
          fc.array(fc.integer({ min: 1, max: 7 }), { minLength: 1, maxLength: 4 }),
          async (...[keys, chosen, descending, sizes]) => {
            await rpc.kv.deleteNamespace({});
            await write(keys);
            const expected = keys.filter((key) => isIn(key, chosen)).sort(byBytes);
            if (descending) expected.reverse();
            const request = { selector: chosen, descending };
            expect(await pages(request, sizes)).toEqual(expected);
            const scanned: string[] = [];
            for await (const { entries } of rpc.kv.scan(request)) {
              scanned.push(...entries.map(({ key }) => key));
            }
            expect(scanned).toEqual(expected);
            expect((await rpc.kv.count({ selector: chosen })).count).toBe(BigInt(expected.length));
          },
        ),
        propertyParameters(25),
      );
    });

    test("keys that are written or deleted between pages do not disturb the others", async () => {
      await write(["a", "b", "c", "d"]);
      const first = await rpc.kv.list({ pageSize: 2 });
      await rpc.kv.delete({ key: "b" });
      await rpc.kv.delete({ key: "c" });
      await write(["aa", "e"]);
      const second = await rpc.kv.list({ pageSize: 5, pageToken: first.nextPageToken });
      expect(second.entries.map(({ key }) => key)).toEqual(["d", "e"]);
      expect(second.nextPageToken).toBe("");
    });

    test("a page is a hundred entries unless asked for another size, and a thousand at most", async () => {
      const keys = Array.from({ length: 1100 }, (_, at) => String(at).padStart(4, "0"));
      await write(keys.slice(0, 600));
      await write(keys.slice(600));
      expect((await rpc.kv.list({})).entries).toHaveLength(100);
      expect((await rpc.kv.list({ pageSize: 2_000_000 })).entries).toHaveLength(1000);
      expect(await pages({ selector: { case: "prefix", value: "0" } })).toEqual(
        keys.slice(0, 1000),
      );
    });

    test("a page ends at a mebibyte, and all of it is listed nevertheless", async () => {
      const keys = ["a", "b", "c", "d", "e"];
      const value = text("x".repeat(700_000));
      for (const key of keys) await rpc.kv.set({ key, value });
      expect((await rpc.kv.list({})).entries.length).toBeLessThan(keys.length);
      expect(await pages({})).toEqual(keys);
      const sizes: number[] = [];
      for await (const { entries } of rpc.kv.scan({})) sizes.push(entries.length);
      expect(sizes).toEqual([1, 1, 1, 1, 1]);
    });

    test("a scan is of one moment, however much is written while it runs", async () => {
      const keys = Array.from({ length: 2500 }, (_, at) => String(at).padStart(4, "0"));
      for (let at = 0; at < keys.length; at += 500) await write(keys.slice(at, at + 500));
      const seen: string[] = [];
      const revisions = new Set<bigint>();
      let isFirst = true;
      for await (const { entries, revision } of rpc.kv.scan({})) {
        if (isFirst) {
          await rpc.kv.deleteRange({ selector: { case: "prefix", value: "1" } });
          await rpc.kv.set({ key: "2400", value: text("changed") });
          await rpc.kv.set({ key: "9999", value: text("new") });
          isFirst = false;
        }
        revisions.add(revision);
        seen.push(...Object.values(inShort(entries)).map(String));
      }
      expect(seen).toEqual(keys);
      expect(revisions.size).toBe(1);
    });

    test("a page token of another query, another tenant, or one that was altered is refused", async () => {
      await rpc.tenants.create({ tenant: { name: "other" } });
      await write(["a", "b", "c"]);
      await write(["a", "b", "c"], "n");
      const { nextPageToken: pageToken } = await rpc.kv.list({ pageSize: 1 });
      expect(pageToken).not.toBe("");
      const flipped = Buffer.from(pageToken, "base64url");
      flipped[flipped.length - 1] = (flipped.at(-1) ?? 0) ^ 1;
      const refused = [
        { pageToken: flipped.toString("base64url") },
        { pageToken: `${pageToken}A` },
        { pageToken: `${pageToken}!` },
        { pageToken: pageToken.slice(0, -2) },
        { pageToken: "AA" },
        { pageToken, namespace: "n" },
        { pageToken, descending: true },
        { pageToken, view: EntryView.KEYS },
        { pageToken, selector: { case: "prefix" as const, value: "a" } },
      ];
      const failure = {
        code: Code.InvalidArgument,
        reason: "PAGE_TOKEN_INVALID",
        fields: ["page_token"],
      };
      for (const request of refused) {
        expect(await failureOf(rpc.kv.list(request)), JSON.stringify(request)).toMatchObject(
          failure,
        );
      }
      const headers = { "tiffin-tenant": "other" };
      expect(await failureOf(rpc.kv.list({ pageToken }, { headers }))).toMatchObject(failure);
      expect(await failureOf(rpc.kv.listNamespaces({ pageToken }))).toMatchObject(failure);
      expect(await failureOf(rpc.tenants.list({ pageToken }))).toMatchObject(failure);
      expect((await rpc.kv.list({ pageToken, pageSize: 50 })).entries).toHaveLength(2);
    });
  });
}
