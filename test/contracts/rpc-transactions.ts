import { Code } from "@connectrpc/connect";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { Comparator } from "#gen/tiffin/kv/v1/key_value_service_pb.ts";
import { bytes, contentOf, failureOf, inShort, integer, json, text } from "./rpc-messages.ts";
import type { RpcSubject, RpcUnderTest } from "./rpc-subject.ts";

type Transact = Parameters<RpcSubject["kv"]["transact"]>[0];
type Comparison = NonNullable<Transact["comparisons"]>[number];

export function describeTransactions(subject: RpcUnderTest): void {
  describe("Transact", () => {
    let rpc: RpcSubject;
    beforeEach(async () => {
      rpc = await subject.open();
    });
    afterEach(() => rpc.close());

    const running = (then: NonNullable<Transact["then"]>) => ({ then });
    const get = (key: string) => ({ operation: { case: "get" as const, value: key } });
    const remove = (key: string) => ({ operation: { case: "delete" as const, value: key } });
    const set = (key: string, value = key) => ({
      operation: { case: "set" as const, value: { key, value: text(value) } },
    });

    test.each(["", "r1"])(
      "runs the list that the comparisons choose, at one revision (id %j)",
      async (requestId) => {
        const a = await rpc.kv.set({ key: "a", value: text("one") });
        const answer = await rpc.kv.transact({
          comparisons: [{ key: "a", operand: { case: "version", value: a.version } }],
          ...running([get("a"), set("a", "two"), get("a"), set("b"), get("b"), remove("absent")]),
          otherwise: [remove("a")],
          requestId,
        });
        const { succeeded, results, revision } = answer;
        expect(succeeded).toBe(true);
        const [before, setA, after, setB, created, removed] = results.map(
          ({ result }) => result.value,
        );
        expect(before).toMatchObject({ entry: { value: text("one") } });
        expect(setA).toMatchObject({ version: revision, createVersion: a.version });
        expect(after).toMatchObject({
          revision,
          entry: { key: "a", version: revision, createVersion: a.version },
        });
        expect(setB).toMatchObject({ version: revision, createVersion: revision });
        expect(created).toMatchObject({ entry: { version: revision, createVersion: revision } });
        expect(removed).toBe(false);
        expect(inShort(await contentOf(rpc))).toEqual({ a: "two", b: "b" });
        expect((await rpc.kv.get({ key: "b" })).entry?.version).toBe(revision);
      },
    );

    test("the other list is no error", async () => {
      await rpc.kv.set({ key: "a", value: text("one") });
      const { succeeded, results } = await rpc.kv.transact({
        comparisons: [{ key: "a", operand: { case: "exists", value: false } }],
        ...running([set("a", "never")]),
        otherwise: [get("a"), remove("a"), get("a")],
      });
      expect(succeeded).toBe(false);
      expect(results.map(({ result }) => result.case)).toEqual(["get", "deleted", "get"]);
      expect(results[1]?.result.value).toBe(true);
      expect(results[2]?.result.value).not.toHaveProperty("entry");
      expect(await contentOf(rpc)).toEqual([]);
    });

    test("nothing at all succeeds, in a namespace that is not there too, and makes none", async () => {
      const namespace = "fresh";
      const nothing = await rpc.kv.transact({ namespace });
      expect(nothing).toMatchObject({ succeeded: true, results: [] });
      expect(nothing.revision).toBeGreaterThan(0n);
      const reads = await rpc.kv.transact({ namespace, ...running([get("a"), remove("a")]) });
      expect(reads.results.map(({ result }) => result.case)).toEqual(["get", "deleted"]);
      expect((await rpc.kv.listNamespaces({})).namespaces).toEqual([]);
    });

    const { EQUAL, NOT_EQUAL, LESS, GREATER, UNSPECIFIED } = Comparator;
    type Row = readonly [
      string,
      Comparison["operand"],
      readonly [boolean, boolean, boolean?, boolean?],
    ];
    /** Whether EQUAL, NOT_EQUAL, LESS and GREATER hold; left out where they are refused. */
    const rows: readonly Row[] = [
      ["text", { case: "value", value: text("m") }, [true, false, false, false]],
      ["text", { case: "value", value: text("n") }, [false, true, true, false]],
      ["text", { case: "value", value: text("é") }, [false, true, true, false]],
      ["text", { case: "value", value: text("") }, [false, true, false, true]],
      ["text", { case: "value", value: bytes(Buffer.from("m")) }, [false, true, false, false]],
      ["bytes", { case: "value", value: bytes(Uint8Array.of(9, 0)) }, [false, true, true, false]],
      [
        "bytes",
        { case: "value", value: bytes(Uint8Array.of(8, 255, 1)) },
        [false, true, false, true],
      ],
      ["integer", { case: "value", value: integer(-5n) }, [true, false, false, false]],
      ["integer", { case: "value", value: integer(-6n) }, [false, true, false, true]],
      ["integer", { case: "value", value: integer(300n) }, [false, true, true, false]],
      ["json", { case: "value", value: json({ a: 1 }) }, [true, false]],
      ["json", { case: "value", value: json({ a: 2 }) }, [false, true]],
      ["text", { case: "exists", value: true }, [true, false]],
      ["absent", { case: "exists", value: true }, [false, true]],
      ["absent", { case: "exists", value: false }, [true, false]],
      ["absent", { case: "version", value: 0n }, [true, false, false, false]],
      ["absent", { case: "version", value: 7n }, [false, true, true, false]],
      ["absent", { case: "createVersion", value: 0n }, [true, false, false, false]],
      ["absent", { case: "value", value: text("m") }, [false, true, false, false]],
      ["text", { case: "version", value: 1n }, [false, true, false, true]],
      ["text", { case: "createVersion", value: 1n }, [false, true, false, true]],
    ];
    test("comparisons say what their comments say", async () => {
      await rpc.kv.batchSet({
        items: [
          { key: "text", value: text("m") },
          { key: "bytes", value: bytes(Uint8Array.of(9)) },
          { key: "integer", value: integer(-5n) },
          { key: "json", value: json({ a: 1 }) },
        ],
      });
      for (const row of rows) await check(row);
    });

    async function check([key, operand, expected]: Row): Promise<void> {
      const asked = [UNSPECIFIED, EQUAL, NOT_EQUAL, LESS, GREATER] as const;
      const answers = [expected[0], ...expected];
      for (const [at, comparator] of asked.entries()) {
        const comparisons = [{ key, comparator, operand }] as Comparison[];
        const call = rpc.kv.transact({ comparisons });
        const title = `${key} ${comparator} ${JSON.stringify(operand, showBigint)}`;
        if (answers[at] !== undefined) {
          expect((await call).succeeded, title).toBe(answers[at]);
          continue;
        }
        expect(await failureOf(call), title).toMatchObject({
          code: Code.InvalidArgument,
          reason: "INVALID_FIELD",
          fields: ["comparisons[0].comparator"],
        });
      }
    }

    test("a list that writes a key twice is refused, whichever would run", async () => {
      const otherwise = [get("a"), set("a"), get("a"), remove("a")];
      expect(await failureOf(rpc.kv.transact({ otherwise }))).toMatchObject({
        reason: "INVALID_FIELD",
        fields: ["otherwise[3].delete"],
      });
    });

    test("a broken precondition within refuses all of it", async () => {
      const precondition = { condition: { case: "exists" as const, value: true } };
      const broken = {
        operation: { case: "set" as const, value: { key: "b", value: text("b"), precondition } },
      };
      expect(await failureOf(rpc.kv.transact(running([set("a"), broken])))).toMatchObject({
        code: Code.Aborted,
        reason: "PRECONDITION_FAILED",
        metadata: { key: "b", field: "then[1].set.precondition" },
      });
      expect(await contentOf(rpc)).toEqual([]);
    });

    test("what no message could carry is refused before it is written", async () => {
      const large = "x".repeat(1_000_000);
      const keys = ["a", "b", "c", "d", "e"];
      for (const key of keys) await rpc.kv.set({ key, value: text(large) });
      expect(
        await failureOf(rpc.kv.transact(running([set("new"), ...keys.map(get)]))),
      ).toMatchObject({
        code: Code.ResourceExhausted,
        reason: "MESSAGE_TOO_LARGE",
      });
      expect((await rpc.kv.get({ key: "new" })).entry).toBeUndefined();
    });

    test("as many operations as a call may name are taken, in a new namespace and under a request id too", async () => {
      const then = Array.from({ length: 1000 }, (_, at) => set(`k${at}`));
      const request = { namespace: "new", then, requestId: "r1" };
      expect((await rpc.kv.transact(request)).results.length).toBe(1000);
      expect((await rpc.kv.count({ namespace: "new" })).count).toBe(1000n);
    });

    test("more operations or comparisons than a call may name are refused", async () => {
      const small = await subject.open({ limits: { batchKeysMax: 2 } });
      const failure = { code: Code.ResourceExhausted, reason: "LIMIT_EXCEEDED" };
      const comparison = { key: "a", operand: { case: "exists" as const, value: true } };
      const three = <T>(one: T): T[] => [one, one, one];
      const calls = [
        small.kv.transact({ comparisons: three(comparison) }),
        small.kv.transact({ otherwise: three(get("a")) }),
        small.kv.batchGet({ keys: three("a") }),
        small.kv.batchSet({ items: ["a", "b", "c"].map((key) => ({ key, value: text("new") })) }),
        small.kv.batchDelete({ items: ["a", "b", "c"].map((key) => ({ key })) }),
      ];
      for (const call of calls) expect(await failureOf(call)).toMatchObject(failure);
      await small.close();
    });
  });
}

const showBigint = (_: string, part: unknown): unknown =>
  typeof part === "bigint" ? String(part) : part;
