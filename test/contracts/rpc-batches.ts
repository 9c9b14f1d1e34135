import { Code } from "@connectrpc/connect";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { contentOf, failureOf, inShort, text, textOf } from "./rpc-messages.ts";
import type { RpcSubject, RpcUnderTest } from "./rpc-subject.ts";

export function describeBatches(subject: RpcUnderTest): void {
  describe("BatchSet, BatchDelete and DeleteRange", () => {
    let rpc: RpcSubject;
    beforeEach(async () => {
      rpc = await subject.open();
    });
    afterEach(() => rpc.close());

    const exists = (value: boolean) => ({ condition: { case: "exists" as const, value } });
    const item = (key: string, value = key) => ({ key, value: text(value) });

    test.each([false, true])(
      "BatchSet writes all at one revision (previous: %s)",
      async (returnPrevious) => {
        await rpc.kv.set({ key: "b", value: text("old") });
        const items = ["c", "a", "b"].map((key) => ({ ...item(key), returnPrevious }));
        const { results, revision } = await rpc.kv.batchSet({ items });
        expect(results.map(({ version }) => version)).toEqual([revision, revision, revision]);
        expect(results.map(({ createVersion }) => createVersion === revision)).toEqual([
          true,
          true,
          false,
        ]);
        expect(results.map(({ previous }) => textOf(previous?.value))).toEqual([
          undefined,
          undefined,
          returnPrevious ? "old" : undefined,
        ]);
        expect(inShort(await contentOf(rpc))).toEqual({ a: "a", b: "b", c: "c" });
      },
    );

    test.each(["", "r1"])(
      "one broken precondition refuses the whole batch (id %j)",
      async (requestId) => {
        await rpc.kv.set(item("a"));
        const before = await contentOf(rpc);
        const items = [item("b"), { ...item("a", "new"), precondition: exists(false) }];
        expect(await failureOf(rpc.kv.batchSet({ items, requestId }))).toMatchObject({
          code: Code.Aborted,
          reason: "PRECONDITION_FAILED",
          metadata: { key: "a", field: "items[1].precondition" },
        });
        const deletions = [{ key: "a" }, { key: "b", precondition: exists(true) }];
        expect(await failureOf(rpc.kv.batchDelete({ items: deletions, requestId }))).toMatchObject({
          reason: "PRECONDITION_FAILED",
          metadata: { key: "b" },
        });
        expect(await contentOf(rpc)).toEqual(before);
      },
    );

    test("a key that is written twice is refused by its place", async () => {
      const failure = { code: Code.InvalidArgument, reason: "INVALID_FIELD" };
      const items = [item("a"), item("b"), item("a")];
      expect(await failureOf(rpc.kv.batchSet({ items }))).toMatchObject({
        ...failure,
        fields: ["items[2].key"],
      });
      expect(
        await failureOf(rpc.kv.batchDelete({ items: [{ key: "a" }, { key: "a" }] })),
      ).toMatchObject({ ...failure, fields: ["items[1].key"] });
      expect(await contentOf(rpc)).toEqual([]);
    });

    test("BatchDelete says of each key whether it was there", async () => {
      await rpc.kv.batchSet({ items: [item("a"), item("b"), item("c")] });
      const { results, revision } = await rpc.kv.batchDelete({
        items: [{ key: "a", returnPrevious: true }, { key: "absent" }, { key: "c" }],
      });
      expect(results.map(({ deleted }) => deleted)).toEqual([true, false, true]);
      expect(results.map((result) => result.revision)).toEqual([revision, revision, revision]);
      expect(textOf(results[0]?.previous?.value)).toBe("a");
      expect(results[2]?.previous).toBeUndefined();
      expect(inShort(await contentOf(rpc))).toEqual({ b: "b" });
    });

    test("previous entries that no message could carry refuse the batch before it is applied", async () => {
      const large = text("x".repeat(1_000_000));
      const keys = ["a", "b", "c", "d", "e"];
      for (const key of keys) await rpc.kv.set({ key, value: large });
      const items = keys.map((key) => ({ key, value: text("new"), returnPrevious: true }));
      const tooLarge = { reason: "MESSAGE_TOO_LARGE" };
      expect(await failureOf(rpc.kv.batchSet({ items }))).toMatchObject(tooLarge);
      const deletions = keys.map((key) => ({ key, returnPrevious: true }));
      expect(await failureOf(rpc.kv.batchDelete({ items: deletions }))).toMatchObject(tooLarge);
      expect((await rpc.kv.count({})).count).toBe(5n);
      expect((await rpc.kv.get({ key: "a" })).entry?.value).toMatchObject(large);
    });

    const selectors = [
      ["a prefix", { case: "prefix" as const, value: "b" }, ["a", "c"]],
      [
        "a prefix that ends in the last code point",
        { case: "prefix" as const, value: "b\u{10ffff}" },
        ["a", "b", "b1", "c"],
      ],
      [
        "a range",
        { case: "range" as const, value: { start: "b", end: "b2" } },
        ["a", "b\u{10ffff}", "c"],
      ],
      [
        "a range without an end",
        { case: "range" as const, value: { start: "b1", end: "" } },
        ["a", "b"],
      ],
      [
        "a range without a start",
        { case: "range" as const, value: { start: "", end: "b1" } },
        ["b1", "b\u{10ffff}", "c"],
      ],
    ] as const;
    test.each(selectors)(
      "DeleteRange by %s deletes what is in it, and counts",
      async (_, selector, left) => {
        const keys = ["a", "b", "b1", "b\u{10ffff}", "c"];
        await rpc.kv.batchSet({ items: keys.map((key) => item(key)) });
        await rpc.kv.set({ namespace: "other", ...item("b") });
        const { deletedCount, revision } = await rpc.kv.deleteRange({ selector });
        expect(deletedCount).toBe(BigInt(keys.length - left.length));
        expect((await contentOf(rpc)).map(({ key }) => key)).toEqual(left);
        expect((await contentOf(rpc, "other")).length).toBe(1);
        const again = await rpc.kv.deleteRange({ selector });
        expect(again.deletedCount).toBe(0n);
        expect(again.revision).toBeGreaterThanOrEqual(revision);
      },
    );

    test("DeleteRange under a request id counts once, and answers it again", async () => {
      await rpc.kv.batchSet({ items: [item("b1"), item("b2")] });
      const selector = { case: "prefix" as const, value: "b" };
      const first = await rpc.kv.deleteRange({ selector, requestId: "r1" });
      await rpc.kv.set(item("b3"));
      expect(await rpc.kv.deleteRange({ selector, requestId: "r1" })).toEqual(first);
      expect(first.deletedCount).toBe(2n);
      expect((await contentOf(rpc)).map(({ key }) => key)).toEqual(["b3"]);
    });

    test("more keys than one commit may delete are refused, and stay", async () => {
      const small = await subject.open({ storeLimits: { rangeRecords: 2 } });
      const keys = ["b1", "b2", "b3"];
      await small.kv.batchSet({ items: keys.map((key) => item(key)) });
      const selector = { case: "prefix" as const, value: "b" };
      for (const requestId of ["", "r1"]) {
        expect(await failureOf(small.kv.deleteRange({ selector, requestId }))).toMatchObject({
          code: Code.ResourceExhausted,
          reason: "LIMIT_EXCEEDED",
        });
      }
      expect((await small.kv.count({})).count).toBe(3n);
      await small.close();
    });
  });
}
