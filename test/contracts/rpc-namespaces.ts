import { Code } from "@connectrpc/connect";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { partsOf, key as storeKey, within } from "../../src/store/key.ts";
import { eventually } from "../support/settle.ts";
import { contentOf, failureOf, inShort, msOf, text, ttl } from "./rpc-messages.ts";
import type { RpcSubject, RpcUnderTest } from "./rpc-subject.ts";

export function describeNamespaces(subject: RpcUnderTest): void {
  describe("namespaces", () => {
    let rpc: RpcSubject;
    beforeEach(async () => {
      rpc = await subject.open();
    });
    afterEach(() => rpc.close());

    const write = (namespace: string, key = "a") =>
      rpc.kv.set({ namespace, key, value: text(namespace) });
    const names = async (): Promise<string[]> =>
      (await rpc.kv.listNamespaces({})).namespaces.map(({ name }) => name);

    test("are listed by name while they hold entries, with how many and how large", async () => {
      const before = rpc.clock.now();
      for (const name of ["b", "", "../", "a\u0000", "\u{1f600}"]) await write(name);
      await write("b", "second");
      const { namespaces } = await rpc.kv.listNamespaces({});
      expect(namespaces.map(({ name }) => name)).toEqual(["", "../", "a\u0000", "b", "\u{1f600}"]);
      expect(namespaces.map(({ entryCount }) => entryCount)).toEqual([1n, 1n, 1n, 2n, 1n]);
      for (const { bytes, createTime } of namespaces) {
        expect(bytes).toBeGreaterThan(0n);
        expect(msOf(createTime)).toBe(before);
      }
      await rpc.kv.delete({ namespace: "b", key: "a" });
      expect(await names()).toContain("b");
      await rpc.kv.delete({ namespace: "b", key: "second" });
      expect(await names()).not.toContain("b");
    });

    test("one whose entries have all expired is not listed, swept or not", async () => {
      await rpc.kv.set({ namespace: "n", key: "a", value: text("one"), expiry: ttl(1000) });
      rpc.clock.advance(999);
      expect(await names()).toEqual(["n"]);
      rpc.clock.advance(1);
      expect(await names()).toEqual([]);
    });

    test("are paged", async () => {
      for (let at = 0; at < 7; at++) await write(`n${at}`);
      const seen: string[] = [];
      let pageToken = "";
      do {
        const page = await rpc.kv.listNamespaces({ pageSize: 3, pageToken });
        expect(page.namespaces.length).toBeLessThanOrEqual(3);
        seen.push(...page.namespaces.map(({ name }) => name));
        pageToken = page.nextPageToken;
      } while (pageToken !== "");
      expect(seen).toEqual(["n0", "n1", "n2", "n3", "n4", "n5", "n6"]);
    });

    test("a deleted one is gone at once, its name usable again, and nothing of it is left behind", async () => {
      const many = Array.from({ length: 900 }, (_, at) => ({ key: `k${at}`, value: text("old") }));
      await rpc.kv.batchSet({ namespace: "n", items: many });
      await rpc.kv.batchSet({
        namespace: "n",
        items: many.map((item) => ({ ...item, key: `l${item.key}` })),
      });
      expect(await rpc.kv.deleteNamespace({ namespace: "n" })).toMatchObject({
        deleted: true,
        entryCount: 1800n,
      });
      expect(await contentOf(rpc, "n")).toEqual([]);
      expect((await rpc.kv.get({ namespace: "n", key: "k1" })).entry).toBeUndefined();
      expect(await names()).toEqual([]);
      await write("n", "k1");
      expect(inShort(await contentOf(rpc, "n"))).toEqual({ k1: "n" });
      const everything = within(storeKey());
      const kept = async (): Promise<number> =>
        (await rpc.store.page(everything, { limit: 5000 })).entries.filter(
          ({ key }) => partsOf(key)[1] === "kv",
        ).length;
      await eventually(rpc.clock, async () => (await kept()) === 1);
      expect(inShort(await contentOf(rpc, "n"))).toEqual({ k1: "n" });
    });

    test("deleting what is not there, or holds nothing, says so", async () => {
      const nothing = { deleted: false, entryCount: 0n };
      expect(await rpc.kv.deleteNamespace({ namespace: "n" })).toMatchObject(nothing);
      await write("n");
      await rpc.kv.delete({ namespace: "n", key: "a" });
      expect(await rpc.kv.deleteNamespace({ namespace: "n" })).toMatchObject(nothing);
    });

    test("a tenant has so many and no more, and the empty ones give way", async () => {
      const small = await subject.open({ limits: { namespacesMax: 2 } });
      const add = (namespace: string) => small.kv.set({ namespace, key: "a", value: text("one") });
      await add("one");
      await add("two");
      expect(await failureOf(add("three"))).toMatchObject({
        code: Code.ResourceExhausted,
        reason: "LIMIT_EXCEEDED",
        metadata: { max: "2" },
      });
      await small.kv.delete({ namespace: "one", key: "a" });
      await add("three");
      await small.kv.set({ namespace: "two", key: "b", value: text("two") });
      expect(await failureOf(add("one"))).toMatchObject({ reason: "LIMIT_EXCEEDED" });
      const { namespaces } = await small.kv.listNamespaces({});
      expect(namespaces.map(({ name }) => name)).toEqual(["three", "two"]);
      await small.tenants.create({ tenant: { name: "other" } });
      const headers = { "tiffin-tenant": "other" };
      await small.kv.set({ namespace: "one", key: "a", value: text("one") }, { headers });
      await small.close();
    });
  });
}
