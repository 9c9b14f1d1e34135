import { Code } from "@connectrpc/connect";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { contentOf, failureOf, inShort, integer, json, text } from "./rpc-messages.ts";
import type { RpcSubject, RpcUnderTest } from "./rpc-subject.ts";

export function describePreconditions(subject: RpcUnderTest): void {
  describe("preconditions", () => {
    let rpc: RpcSubject;
    let version: bigint;
    beforeEach(async () => {
      rpc = await subject.open();
      ({ version } = await rpc.kv.set({ key: "a", value: text("one") }));
    });
    afterEach(() => rpc.close());

    const on = {
      version: (value: bigint) => ({ condition: { case: "version" as const, value } }),
      exists: (value: boolean) => ({ condition: { case: "exists" as const, value } }),
      value: (value: ReturnType<typeof text>) => ({ condition: { case: "value" as const, value } }),
    };
    /** With a request id the room reads before it writes; without one the store checks by itself. */
    const ways = [
      ["without a request id", ""],
      ["with a request id", "r1"],
    ] as const;

    describe.each(ways)("%s", (_, requestId) => {
      test("a write passes when its condition holds", async () => {
        const value = text("two");
        const { kv } = rpc;
        await kv.set({ key: "b", value, precondition: on.exists(false), requestId });
        await kv.set({
          key: "a",
          value,
          precondition: on.version(version),
          requestId: requestId && "r2",
        });
        await kv.delete({ key: "a", precondition: on.exists(true), requestId });
        expect(inShort(await contentOf(rpc))).toEqual({ b: "two" });
      });

      test("a write is refused when its condition is broken, and changes nothing", async () => {
        const before = await contentOf(rpc);
        const broken = [
          { key: "a", precondition: on.version(version + 1n), expected: String(version + 1n) },
          { key: "a", precondition: on.version(2n ** 63n - 1n), expected: String(2n ** 63n - 1n) },
          { key: "absent", precondition: on.version(version), expected: String(version) },
          { key: "a", precondition: on.exists(false), expected: "absent" },
          { key: "absent", precondition: on.exists(true), expected: "present" },
          { key: "a", precondition: on.value(text("two")), expected: "an equal value" },
          { key: "absent", precondition: on.value(text("one")), expected: "an equal value" },
        ];
        for (const { key, precondition, expected } of broken) {
          const failure = {
            code: Code.Aborted,
            reason: "PRECONDITION_FAILED",
            metadata: { key, expected, actual: key === "a" ? String(version) : "0" },
          };
          const set = rpc.kv.set({ key, value: text("new"), precondition, requestId });
          expect(await failureOf(set)).toMatchObject(failure);
          expect(await failureOf(rpc.kv.delete({ key, precondition, requestId }))).toMatchObject(
            failure,
          );
        }
        expect(await contentOf(rpc)).toEqual(before);
      });

      test("in a namespace that is not there nothing exists, and none is made", async () => {
        const namespace = "fresh";
        for (const precondition of [on.exists(true), on.version(1n), on.value(text("one"))]) {
          const failure = { reason: "PRECONDITION_FAILED", metadata: { actual: "0" } };
          const set = { namespace, key: "a", value: text("new"), precondition, requestId };
          expect(await failureOf(rpc.kv.set(set))).toMatchObject(failure);
          const deletion = { namespace, key: "a", precondition, requestId };
          expect(await failureOf(rpc.kv.delete(deletion))).toMatchObject(failure);
        }
        const { namespaces } = await rpc.kv.listNamespaces({});
        expect(namespaces.map(({ name }) => name)).toEqual([""]);
      });
    });

    test("values are equal as data: kind by kind, and JSON whatever the order of its members", async () => {
      const { kv } = rpc;
      await kv.set({ key: "j", value: json({ a: 1, b: [{ c: 2, d: 0 }] }) });
      const same = on.value(json({ b: [{ d: -0, c: 2 }], a: 1 }));
      await kv.set({ key: "j", value: json({}), precondition: same });
      await kv.set({ key: "n", value: integer(1n) });
      const failure = { reason: "PRECONDITION_FAILED" };
      for (const value of [text("1"), json(1), json("1")]) {
        const set = kv.set({ key: "n", value: integer(2n), precondition: on.value(value) });
        expect(await failureOf(set)).toMatchObject(failure);
      }
      await kv.set({ key: "n", value: integer(2n), precondition: on.value(integer(1n)) });
    });

    test("of two writers that saw the same version one passes", async () => {
      const write = (value: string) =>
        rpc.kv.set({ key: "a", value: text(value), precondition: on.version(version) });
      const outcomes = await Promise.allSettled([write("left"), write("right")]);
      expect(outcomes.map(({ status }) => status).sort()).toEqual(["fulfilled", "rejected"]);
    });

    test("a key is cut to 64 bytes where it is reported", async () => {
      const key = "k".repeat(500);
      const failure = await failureOf(rpc.kv.delete({ key, precondition: on.exists(true) }));
      expect(Buffer.byteLength(failure.metadata["key"] ?? "")).toBeLessThanOrEqual(64);
    });
  });
}
