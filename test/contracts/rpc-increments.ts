import { Code } from "@connectrpc/connect";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { settle } from "../support/settle.ts";
import { failureOf, integer, json, msOf, text, ttl } from "./rpc-messages.ts";
import type { RpcSubject, RpcUnderTest } from "./rpc-subject.ts";

export function describeIncrements(subject: RpcUnderTest): void {
  describe("Increment", () => {
    let rpc: RpcSubject;
    beforeEach(async () => {
      rpc = await subject.open();
    });
    afterEach(() => rpc.close());

    test("adds one unless told otherwise, to the initial value where there is none", async () => {
      const { kv } = rpc;
      expect((await kv.increment({ key: "a" })).integer).toBe(1n);
      expect((await kv.increment({ key: "a", delta: -5n })).integer).toBe(-4n);
      expect((await kv.increment({ key: "a", delta: 0n })).integer).toBe(-4n);
      expect((await kv.increment({ key: "b", initial: 40n, delta: 2n })).integer).toBe(42n);
      const { integer: sum, version } = await kv.increment({ key: "b", initial: 1000n });
      expect(sum).toBe(43n);
      const { entry } = await kv.get({ key: "b" });
      expect(entry).toMatchObject({ version, value: integer(43n) });
    });

    test("holds all of 64 bits and refuses to go beyond them", async () => {
      const { kv } = rpc;
      const max = 2n ** 63n - 1n;
      await kv.set({ key: "a", value: integer(max - 1n) });
      expect((await kv.increment({ key: "a" })).integer).toBe(max);
      const failure = { code: Code.OutOfRange, reason: "INTEGER_OVERFLOW" };
      expect(await failureOf(kv.increment({ key: "a" }))).toMatchObject(failure);
      expect(await failureOf(kv.increment({ key: "b", initial: max }))).toMatchObject(failure);
      const lowest = kv.increment({ key: "b", initial: -max, delta: -2n });
      expect(await failureOf(lowest)).toMatchObject(failure);
      expect((await kv.get({ key: "a" })).entry?.value).toMatchObject(integer(max));
      expect((await kv.get({ key: "b" })).entry).toBeUndefined();
    });

    test.each([text("1"), json(1)])("a value of another kind is refused", async (value) => {
      await rpc.kv.set({ key: "a", value });
      expect(await failureOf(rpc.kv.increment({ key: "a" }))).toMatchObject({
        code: Code.FailedPrecondition,
        reason: "WRONG_VALUE_KIND",
        metadata: { key: "a", expected: "integer", actual: value.kind?.case },
      });
    });

    test("a counter keeps the expiry it was created with: a fixed window", async () => {
      const { kv, clock } = rpc;
      const request = { key: "a", expiryIfCreated: ttl(1000) };
      const end = clock.now() + 1000;
      expect(msOf((await kv.increment(request)).expireTime)).toBe(end);
      clock.advance(999);
      const last = await kv.increment(request);
      expect([last.integer, msOf(last.expireTime)]).toEqual([2n, end]);
      clock.advance(1);
      const next = await kv.increment(request);
      expect([next.integer, msOf(next.expireTime)]).toEqual([1n, end + 1000]);
    });

    test("a counter without an expiry gets none later", async () => {
      await rpc.kv.increment({ key: "a" });
      const { expireTime } = await rpc.kv.increment({ key: "a", expiryIfCreated: ttl(1000) });
      expect(expireTime).toBeUndefined();
    });

    test("many at once all count, in a namespace that none of them found", async () => {
      const calls = Array.from({ length: 32 }, () =>
        rpc.kv.increment({ namespace: "n", key: "a" }),
      );
      const sums = (await settle(rpc.clock, Promise.all(calls))).map((answer) => answer.integer);
      expect(sums.sort((a, b) => Number(a - b))).toEqual(
        Array.from({ length: 32 }, (_, at) => BigInt(at + 1)),
      );
    });
  });
}
