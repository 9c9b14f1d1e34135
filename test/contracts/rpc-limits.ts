import { Code } from "@connectrpc/connect";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { contentOf, failureOf, json, text } from "./rpc-messages.ts";
import type { RpcSubject, RpcUnderTest } from "./rpc-subject.ts";

export function describeLimits(subject: RpcUnderTest): void {
  describe("limits", () => {
    let rpc: RpcSubject;
    beforeEach(async () => {
      rpc = await subject.open();
      await rpc.kv.set({ key: "a", value: text("one") });
    });
    afterEach(() => rpc.close());

    const nested = (levels: number): unknown => (levels === 0 ? 1 : [nested(levels - 1)]);
    const tooLong = "k".repeat(1025);
    const value = text("new");
    const number = (at: number) => ({
      kind: { case: "json" as const, value: { kind: { case: "numberValue" as const, value: at } } },
    });

    test("a limit is named with its value and the actual size", async () => {
      const { metadata } = await failureOf(rpc.kv.get({ key: tooLong }));
      expect(metadata).toMatchObject({ limit: "key bytes", max: "1024", actual: "1025" });
      const large = await failureOf(rpc.kv.set({ key: "a", value: text("x".repeat(2 ** 20)) }));
      expect(large.metadata).toMatchObject({ limit: "value bytes", max: "1048576" });
      expect(Number(large.metadata["actual"])).toBeGreaterThan(2 ** 20);
    });

    test("the longest key, the largest value and the deepest json are taken", async () => {
      const longest = "\u0000".repeat(1024);
      const largest = text("x".repeat(2 ** 20 - 4));
      await rpc.kv.set({ key: longest, value: largest });
      expect((await rpc.kv.get({ key: longest })).entry?.value).toMatchObject(largest);
      const deepest = json(nested(30) as never);
      await rpc.kv.set({ key: "deep", value: deepest });
      const precondition = { condition: { case: "value" as const, value: deepest } };
      await rpc.kv.set({ key: "deep", value: deepest, precondition });
      const object = (levels: number): unknown => (levels === 0 ? 1 : { a: object(levels - 1) });
      await rpc.kv.set({ key: "deep", value: json(object(30) as never) });
      expect((await rpc.kv.count({})).count).toBe(3n);
    });

    test.each([Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY])(
      "a json that holds %d is refused",
      async (at) => {
        const before = await contentOf(rpc);
        // The JSON transport's own client refuses to say it.
        const failure = await rpc.kv.set({ key: "a", value: number(at) }).then(
          () => undefined,
          (error: unknown) => error,
        );
        expect(failure).toBeInstanceOf(Error);
        expect(await contentOf(rpc)).toEqual(before);
      },
    );

    test("half of a surrogate pair never becomes a key, a namespace or a text", async () => {
      const before = await contentOf(rpc);
      const half = "a\ud800";
      const calls = [
        rpc.kv.set({ key: half, value }),
        rpc.kv.set({ namespace: half, key: "a", value }),
        rpc.kv.set({ key: "b", value: text(half) }),
        rpc.kv.set({ key: "b", value: json({ [half]: half }) }),
      ];
      // What the client's encoder lets through, as U+FFFD or as it is, the server takes as text or refuses.
      await Promise.allSettled(calls);
      for (const { key, value: stored } of await contentOf(rpc)) {
        expect(key.isWellFormed()).toBe(true);
        expect(JSON.stringify(stored?.kind)).not.toContain("\\ud800");
      }
      expect((await contentOf(rpc)).filter(({ key }) => key === "a")).toEqual(before);
    });

    test("a full store refuses what grows it, still reads, and takes deletions", async () => {
      const small = await subject.open({ bytesMax: 2 * 1024 * 1024, historyBytes: 64 * 1024 });
      const large = text("x".repeat(100_000));
      let at = 0;
      const fill = async (): Promise<never> => {
        for (; at < 100; at++) await small.kv.set({ key: `k${at}`, value: large });
        throw new Error("the store took more than it may");
      };
      expect(await failureOf(fill())).toMatchObject({
        code: Code.ResourceExhausted,
        reason: "STORE_FULL",
      });
      expect((await small.kv.get({ key: "k0" })).entry?.value).toMatchObject(large);
      for (let key = 0; key < at; key++) await small.kv.delete({ key: `k${key}` });
      await small.kv.set({ key: "again", value: large });
      await small.close();
    });
  });
}
