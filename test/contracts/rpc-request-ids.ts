import { Code } from "@connectrpc/connect";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { settle } from "../support/settle.ts";
import { contentOf, durationOf, failureOf, integer, json, text } from "./rpc-messages.ts";
import type { RpcSubject, RpcUnderTest } from "./rpc-subject.ts";

export function describeRequestIds(subject: RpcUnderTest): void {
  describe("request ids", () => {
    let rpc: RpcSubject;
    beforeEach(async () => {
      rpc = await subject.open();
    });
    afterEach(() => rpc.close());

    /** Every write there is, in an order in which each has an effect. */
    function writes({ kv, tenants }: RpcSubject, requestId: string) {
      type Options = Parameters<typeof kv.set>[1];
      const item = { key: "b", value: text("one") };
      return {
        Set: (options?: Options) =>
          kv.set({ key: "a", value: json({ b: 1, a: 2 }), requestId }, options),
        BatchSet: (options?: Options) =>
          kv.batchSet({ items: [item, { ...item, key: "c" }], requestId }, options),
        Transact: (options?: Options) =>
          kv.transact(
            {
              otherwise: [
                { operation: { case: "set", value: { key: "d", value: integer(1n) } } },
                { operation: { case: "get", value: "d" } },
                { operation: { case: "delete", value: "c" } },
              ],
              comparisons: [{ key: "b", operand: { case: "exists", value: false } }],
              requestId,
            },
            options,
          ),
        Increment: (options?: Options) => kv.increment({ key: "d", requestId }, options),
        Expire: (options?: Options) =>
          kv.expire(
            { key: "d", expiry: { case: "ttl", value: durationOf(60_000) }, requestId },
            options,
          ),
        Delete: (options?: Options) => kv.delete({ key: "a", requestId }, options),
        BatchDelete: (options?: Options) =>
          kv.batchDelete({ items: [{ key: "b" }, { key: "x" }], requestId }, options),
        DeleteRange: (options?: Options) =>
          kv.deleteRange({ selector: { case: "prefix", value: "d" }, requestId }, options),
        DeleteNamespace: (options?: Options) =>
          kv.deleteNamespace({ namespace: "n", requestId }, options),
        "tenant Create": (options?: Options) =>
          tenants.create({ tenant: { name: "t" }, requestId }, options),
        "tenant Update": (options?: Options) =>
          tenants.update({ tenant: { name: "t", displayName: "T" }, requestId }, options),
        "tenant Delete": (options?: Options) => tenants.delete({ name: "t", requestId }, options),
      };
    }

    test("a repeat of any write is answered alike, says so, and changes nothing", async () => {
      await rpc.kv.set({ namespace: "n", key: "a", value: text("one") });
      const calls = Object.entries(writes(rpc, "r1"));
      for (const [name, call] of calls) {
        const marks: (string | null)[] = [];
        const onHeader = (headers: Headers): void =>
          void marks.push(headers.get("tiffin-replayed"));
        const first = await call({ onHeader });
        const { revision } = await rpc.kv.get({ key: "a" });
        expect(await call({ onHeader }), name).toEqual(first);
        expect((await rpc.kv.get({ key: "a" })).revision, name).toBe(revision);
        expect(marks, name).toEqual([null, "true"]);
      }
    });

    test("the answer is the first one's even after all it wrote is gone", async () => {
      const { kv } = rpc;
      const first = await kv.set({ key: "a", value: text("one"), requestId: "r1" });
      await kv.deleteNamespace({});
      expect(await kv.set({ key: "a", value: text("one"), requestId: "r1" })).toEqual(first);
      expect(await contentOf(rpc)).toEqual([]);
    });

    test("previous entries are not remembered", async () => {
      const { kv } = rpc;
      await kv.set({ key: "a", value: text("one") });
      const request = { key: "a", value: text("two"), returnPrevious: true, requestId: "r1" };
      const { previous, ...first } = await kv.set(request);
      expect(previous?.value).toMatchObject(text("one"));
      expect(await kv.set(request)).toEqual(first);
    });

    test("the members of a JSON object may come in another order", async () => {
      const { kv } = rpc;
      const set = (value: ReturnType<typeof json>) => kv.set({ key: "a", value, requestId: "r1" });
      const first = await set(json({ case: 1, a: { z: [1], b: 2 }, value: 0 }));
      expect(await set(json({ value: 0, a: { b: 2, z: [1] }, case: 1 }))).toEqual(first);
      expect(await failureOf(set(json({ case: 1, a: { z: [2], b: 2 }, value: 0 })))).toMatchObject({
        reason: "REQUEST_ID_REUSED",
      });
    });

    test("the labels of a tenant may come in another order", async () => {
      const create = (labels: Record<string, string>) =>
        rpc.tenants.create({ tenant: { name: "t", labels }, requestId: "r1" });
      const first = await create({ a: "1", b: "2", c: "3" });
      expect(await create({ c: "3", a: "1", b: "2" })).toEqual(first);
      expect(await failureOf(create({ a: "1", b: "2", c: "4" }))).toMatchObject({
        reason: "REQUEST_ID_REUSED",
      });
    });

    test("other content under the same id is refused, and changes nothing", async () => {
      const { kv } = rpc;
      await kv.set({ key: "a", value: text("one"), requestId: "r1" });
      const others = [
        { key: "a", value: text("two") },
        { key: "b", value: text("one") },
        { namespace: "n", key: "a", value: text("one") },
        { key: "a", value: text("one"), returnPrevious: true },
      ];
      for (const other of others) {
        expect(await failureOf(kv.set({ ...other, requestId: "r1" }))).toMatchObject({
          code: Code.InvalidArgument,
          reason: "REQUEST_ID_REUSED",
          fields: ["request_id"],
        });
      }
      expect(await contentOf(rpc)).toMatchObject([{ key: "a", value: text("one") }]);
      expect(await contentOf(rpc, "n")).toEqual([]);
    });

    test("the same id of another method, or another tenant, is another request", async () => {
      const { kv } = rpc;
      await rpc.tenants.create({ tenant: { name: "other" } });
      const headers = { "tiffin-tenant": "other" };
      await kv.increment({ key: "a", requestId: "r1" });
      expect((await kv.increment({ key: "a", requestId: "r1" }, { headers })).integer).toBe(1n);
      await kv.set({ key: "b", value: text("one"), requestId: "r1" });
      expect((await kv.increment({ key: "a", requestId: "r1" })).integer).toBe(1n);
      expect((await kv.increment({ key: "a", requestId: "r2" })).integer).toBe(2n);
    });

    test("a tenant that took a deleted one's name remembers nothing of it", async () => {
      const headers = { "tiffin-tenant": "t" };
      const increment = () =>
        rpc.kv.increment({ key: "a", requestId: "r1", delta: 5n }, { headers });
      await rpc.tenants.create({ tenant: { name: "t" } });
      const first = await increment();
      // So that the server remembers where the namespace is.
      await rpc.kv.get({ key: "a" }, { headers });
      await rpc.tenants.delete({ name: "t" });
      expect(await failureOf(increment())).toMatchObject({ reason: "TENANT_NOT_FOUND" });
      await rpc.tenants.create({ tenant: { name: "t" } });
      const second = await increment();
      expect(second.integer).toBe(5n);
      expect(second.version).toBeGreaterThan(first.version);
    });

    test("what failed, or did nothing, is tried again", async () => {
      const { kv } = rpc;
      const precondition = { condition: { case: "exists" as const, value: true } };
      const set = () => kv.set({ key: "a", value: text("two"), precondition, requestId: "r1" });
      expect(await failureOf(set())).toMatchObject({ reason: "PRECONDITION_FAILED" });
      expect((await kv.delete({ key: "a", requestId: "r1" })).deleted).toBe(false);
      await kv.set({ key: "a", value: text("one") });
      await set();
      expect((await kv.delete({ key: "a", requestId: "r1" })).deleted).toBe(true);
    });

    test("an id is forgotten after ten minutes", async () => {
      const increment = () => rpc.kv.increment({ key: "a", requestId: "r1" });
      await increment();
      rpc.clock.advance(600_000 - 1);
      expect((await increment()).integer).toBe(1n);
      rpc.clock.advance(1);
      expect((await increment()).integer).toBe(2n);
    });

    test("the same id many times at once has one effect", async () => {
      const calls = Array.from({ length: 16 }, () =>
        rpc.kv.increment({ key: "a", requestId: "r1" }),
      );
      const answers = await settle(rpc.clock, Promise.all(calls));
      expect(new Set(answers.map((answer) => answer.integer))).toEqual(new Set([1n]));
    });
  });
}
