import { Code } from "@connectrpc/connect";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { bytes, contentOf, failureOf, json, text } from "./rpc-messages.ts";
import type { RpcSubject, RpcUnderTest } from "./rpc-subject.ts";

export function describeBadInput(subject: RpcUnderTest): void {
  describe("bad input", () => {
    let rpc: RpcSubject;
    beforeEach(async () => {
      rpc = await subject.open();
      await rpc.kv.set({ key: "a", value: text("one") });
    });
    afterEach(() => rpc.close());

    const nested = (levels: number): unknown => (levels === 0 ? 1 : [nested(levels - 1)]);
    const tooLong = "k".repeat(1025);
    const value = text("new");
    type Kv = RpcSubject["kv"];
    type Row = readonly [
      title: string,
      call: (kv: Kv) => Promise<unknown>,
      reason: string,
      field: string,
    ];
    const rows: readonly Row[] = [
      ["an empty key", (kv) => kv.set({ value }), "INVALID_FIELD", "key"],
      ["no value", (kv) => kv.set({ key: "a" }), "INVALID_FIELD", "value"],
      [
        "a value of no kind",
        (kv) => kv.set({ key: "a", value: {} }),
        "INVALID_FIELD",
        "value.kind",
      ],
      [
        "an item's value of no kind",
        (kv) => kv.batchSet({ items: [{ key: "a", value: {} }] }),
        "INVALID_FIELD",
        "items[0].value.kind",
      ],
      ["no items", (kv) => kv.batchSet({}), "INVALID_FIELD", "items"],
      ["no keys", (kv) => kv.batchGet({}), "INVALID_FIELD", "keys"],
      [
        "a request id too long",
        (kv) => kv.set({ key: "a", value, requestId: "r".repeat(65) }),
        "INVALID_FIELD",
        "request_id",
      ],
      [
        "a request id beyond ASCII",
        (kv) => kv.set({ key: "a", value, requestId: "é" }),
        "INVALID_FIELD",
        "request_id",
      ],
      [
        "a precondition of no kind",
        (kv) => kv.set({ key: "a", value, precondition: {} }),
        "INVALID_FIELD",
        "precondition.condition",
      ],
      [
        "an expiry of no kind",
        (kv) => kv.set({ key: "a", value, expiry: {} }),
        "INVALID_FIELD",
        "expiry.kind",
      ],
      [
        "a namespace too long",
        (kv) => kv.set({ namespace: "é".repeat(128), key: "a", value }),
        "INVALID_FIELD",
        "namespace",
      ],
      [
        "a range that runs backwards",
        (kv) => kv.list({ selector: { case: "range", value: { start: "b", end: "a" } } }),
        "INVALID_FIELD",
        "range.end",
      ],
      ["a negative page size", (kv) => kv.list({ pageSize: -1 }), "INVALID_FIELD", "page_size"],
      ["a view that is none", (kv) => kv.list({ view: 9 as never }), "INVALID_FIELD", "view"],
      ["a deletion of no range", (kv) => kv.deleteRange({}), "INVALID_FIELD", "selector"],
      [
        "a deletion of every prefix",
        (kv) => kv.deleteRange({ selector: { case: "prefix", value: "" } }),
        "INVALID_FIELD",
        "prefix",
      ],
      ["an Expire without an expiry", (kv) => kv.expire({ key: "a" }), "INVALID_FIELD", "expiry"],
      [
        "a comparison with nothing",
        (kv) => kv.transact({ comparisons: [{ key: "a" }] }),
        "INVALID_FIELD",
        "comparisons[0].operand",
      ],
      [
        "an operation that is none",
        (kv) => kv.transact({ otherwise: [{}] }),
        "INVALID_FIELD",
        "otherwise[0].operation",
      ],
      ["a key too long", (kv) => kv.set({ key: tooLong, value }), "KEY_TOO_LARGE", "key"],
      ["a key too long to read", (kv) => kv.get({ key: tooLong }), "KEY_TOO_LARGE", "key"],
      [
        "a key too long in its bytes",
        (kv) => kv.delete({ key: "é".repeat(513) }),
        "KEY_TOO_LARGE",
        "key",
      ],
      [
        "a key too long among several",
        (kv) => kv.batchGet({ keys: ["a", tooLong] }),
        "KEY_TOO_LARGE",
        "keys[1]",
      ],
      [
        "an item's key too long",
        (kv) => kv.batchDelete({ items: [{ key: "a" }, { key: tooLong }] }),
        "KEY_TOO_LARGE",
        "items[1].key",
      ],
      [
        "an operation's key too long",
        (kv) => kv.transact({ otherwise: [{ operation: { case: "get", value: tooLong } }] }),
        "KEY_TOO_LARGE",
        "otherwise[0].get",
      ],
      [
        "a comparison's key too long",
        (kv) =>
          kv.transact({
            comparisons: [{ key: tooLong, operand: { case: "exists", value: true } }],
          }),
        "KEY_TOO_LARGE",
        "comparisons[0].key",
      ],
      [
        "a prefix too long",
        (kv) => kv.count({ selector: { case: "prefix", value: tooLong } }),
        "KEY_TOO_LARGE",
        "prefix",
      ],
      [
        "a text too large",
        (kv) => kv.set({ key: "a", value: text("x".repeat(2 ** 20)) }),
        "VALUE_TOO_LARGE",
        "value",
      ],
      [
        "bytes too large",
        (kv) => kv.set({ key: "a", value: bytes(new Uint8Array(2 ** 20)) }),
        "VALUE_TOO_LARGE",
        "value",
      ],
      [
        "a json too large",
        (kv) => kv.set({ key: "a", value: json("x".repeat(2 ** 20)) }),
        "VALUE_TOO_LARGE",
        "value",
      ],
      [
        "a json too deep",
        (kv) => kv.set({ key: "a", value: json(nested(31) as never) }),
        "VALUE_TOO_LARGE",
        "value.json",
      ],
      [
        "an expected value too large",
        (kv) =>
          kv.set({
            key: "a",
            value,
            precondition: { condition: { case: "value", value: text("x".repeat(2 ** 20)) } },
          }),
        "VALUE_TOO_LARGE",
        "precondition.value",
      ],
    ];

    test.each(rows)(
      "%s is refused by code, reason and field, and changes nothing",
      async (...[, call, reason, field]) => {
        const before = await contentOf(rpc);
        const { revision } = await rpc.kv.get({ key: "a" });
        expect(await failureOf(call(rpc.kv))).toMatchObject({
          code: Code.InvalidArgument,
          reason,
          fields: [field],
        });
        expect(await contentOf(rpc)).toEqual(before);
        expect((await rpc.kv.get({ key: "a" })).revision).toBe(revision);
      },
    );

    test.each(["Bad", "-a", "a_b", "a".repeat(64), ""])(
      "the tenant %j is refused for its form",
      async (name) => {
        const headers = { "tiffin-tenant": name };
        expect(await failureOf(rpc.kv.get({ key: "a" }, { headers }))).toMatchObject({
          code: Code.InvalidArgument,
          reason: "INVALID_FIELD",
        });
      },
    );

    test("a tenant that is not there is not found, by every method", async () => {
      const options = { headers: { "tiffin-tenant": "absent" } };
      const { kv } = rpc;
      const key = "a";
      const drain = async (stream: AsyncIterable<unknown>): Promise<void> => {
        for await (const _ of stream);
      };
      const calls = [
        kv.get({ key }, options),
        kv.batchGet({ keys: [key] }, options),
        kv.set({ key, value }, options),
        kv.set({ key, value, requestId: "r1" }, options),
        kv.delete({ key }, options),
        kv.batchSet({ items: [{ key, value }] }, options),
        kv.batchDelete({ items: [{ key }] }, options),
        kv.deleteRange({ selector: { case: "prefix", value: key } }, options),
        kv.transact({}, options),
        kv.increment({ key }, options),
        kv.expire({ key, expiry: { case: "persist", value: true } }, options),
        kv.list({}, options),
        kv.count({}, options),
        drain(kv.scan({}, options)),
        drain(kv.watch({}, options)),
        drain(kv.watch({ start: { case: "initialState", value: true } }, options)),
        kv.listNamespaces({}, options),
        kv.deleteNamespace({}, options),
      ];
      for (const call of calls) {
        expect(await failureOf(call)).toMatchObject({
          code: Code.NotFound,
          reason: "TENANT_NOT_FOUND",
          metadata: { tenant: "absent" },
        });
      }
    });
  });
}
