import { Code } from "@connectrpc/connect";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { bytes, failureOf, integer, json, text, textOf, type ValueInit } from "./rpc-messages.ts";
import type { RpcSubject, RpcUnderTest } from "./rpc-subject.ts";

export function describeSetAndGet(subject: RpcUnderTest): void {
  describe("Set, Get and Delete", () => {
    let rpc: RpcSubject;
    beforeEach(async () => {
      rpc = await subject.open();
    });
    afterEach(() => rpc.close());

    test("an absent key is an answer without an entry, at a revision", async () => {
      const { entry, revision } = await rpc.kv.get({ key: "a" });
      expect(entry).toBeUndefined();
      expect(revision).toBeGreaterThan(0n);
    });

    test("what is set is read, with its versions, at no earlier revision", async () => {
      const created = await rpc.kv.set({ key: "a", value: text("one") });
      const updated = await rpc.kv.set({ key: "a", value: text("two") });
      expect(created.version).toBe(created.createVersion);
      expect(updated.createVersion).toBe(created.version);
      expect(updated.version).toBeGreaterThan(created.version);
      const { entry, revision } = await rpc.kv.get({ key: "a" });
      expect(textOf(entry?.value)).toBe("two");
      expect(entry).toMatchObject({
        key: "a",
        version: updated.version,
        createVersion: created.version,
      });
      expect(entry?.expireTime).toBeUndefined();
      expect(revision).toBeGreaterThanOrEqual(updated.version);
    });

    const values: Record<string, ValueInit> = {
      "empty text": text(""),
      "text beyond ASCII": text("é €\u{1f600}\u0000\uffff"),
      "text of 300 bytes": text("x".repeat(300)),
      "no bytes": bytes(new Uint8Array()),
      "every byte": bytes(Uint8Array.from({ length: 256 }, (_, at) => at)),
      "the smallest integer": integer(-(2n ** 63n)),
      "the largest integer": integer(2n ** 63n - 1n),
      zero: integer(0n),
      null: json(null),
      "a number": json(-1.5e300),
      "an object": json({ b: [1, "two", null, { c: true }], a: {}, "": [] }),
      "the name __proto__": json({ ["__proto__"]: { polluted: true }, constructor: 1 }),
    };
    test.each(Object.entries(values))("a value comes back as it went in: %s", async (_, value) => {
      await rpc.kv.set({ key: "a", value });
      const { entry } = await rpc.kv.get({ key: "a" });
      expect(plain(entry?.value?.kind)).toEqual(plain(value.kind));
    });

    const keys = ["../", "a\u0000b", "\u0000", "\u{10ffff}", "a/b:c", " ", "é", "e\u0301"];
    test("keys differ by their bytes, and are never normalised", async () => {
      for (const [at, key] of keys.entries()) {
        await rpc.kv.set({ key, value: integer(BigInt(at)) });
      }
      for (const [at, key] of keys.entries()) {
        expect((await rpc.kv.get({ key })).entry?.value?.kind).toEqual({
          case: "integer",
          value: BigInt(at),
        });
      }
    });

    test("the same key in another namespace is another key", async () => {
      await rpc.kv.set({ namespace: "one", key: "a", value: text("in one") });
      expect((await rpc.kv.get({ namespace: "two", key: "a" })).entry).toBeUndefined();
      expect((await rpc.kv.get({ key: "a" })).entry).toBeUndefined();
    });

    test("the previous entry is answered on request, and only then", async () => {
      const first = await rpc.kv.set({ key: "a", value: text("one"), returnPrevious: true });
      expect(first.previous).toBeUndefined();
      expect((await rpc.kv.set({ key: "a", value: text("two") })).previous).toBeUndefined();
      const third = await rpc.kv.set({ key: "a", value: text("three"), returnPrevious: true });
      expect(textOf(third.previous?.value)).toBe("two");
      expect(third.previous?.createVersion).toBe(first.version);
      const deleted = await rpc.kv.delete({ key: "a", returnPrevious: true });
      expect(textOf(deleted.previous?.value)).toBe("three");
    });

    test("deleting says whether there was anything to delete", async () => {
      expect(await rpc.kv.delete({ key: "a" })).toMatchObject({ deleted: false });
      await rpc.kv.set({ key: "a", value: text("one") });
      const deleted = await rpc.kv.delete({ key: "a" });
      expect(deleted).toMatchObject({ deleted: true });
      expect(deleted.previous).toBeUndefined();
      expect((await rpc.kv.get({ key: "a" })).entry).toBeUndefined();
      expect(await rpc.kv.delete({ key: "a" })).toMatchObject({ deleted: false });
    });

    test("what is set after a deletion is a new entry", async () => {
      const first = await rpc.kv.set({ key: "a", value: text("one") });
      await rpc.kv.delete({ key: "a" });
      const second = await rpc.kv.set({ key: "a", value: text("two") });
      expect(second.createVersion).toBe(second.version);
      expect(second.createVersion).toBeGreaterThan(first.createVersion);
    });

    test("BatchGet answers one entry a key, in the order asked, twice what is asked twice", async () => {
      await rpc.kv.set({ key: "a", value: text("one") });
      await rpc.kv.set({ key: "b", value: text("two") });
      const { results, revision } = await rpc.kv.batchGet({ keys: ["b", "absent", "a", "b"] });
      expect(results.map(({ entry }) => textOf(entry?.value))).toEqual([
        "two",
        undefined,
        "one",
        "two",
      ]);
      expect(new Set(results.map((result) => result.revision))).toEqual(new Set([revision]));
    });

    test("an answer that a message can carry is given, however long the keys", async () => {
      const keys = Array.from({ length: 1000 }, (_, at) => String(at).padStart(1024, "k"));
      const value = text("v".repeat(1200));
      for (const key of keys) await rpc.kv.set({ key, value });
      const { results } = await rpc.kv.batchGet({ keys });
      expect(results.every(({ entry }) => entry !== undefined)).toBe(true);
    });

    test("an answer that no message could carry is refused", async () => {
      const value = text("x".repeat(1_000_000));
      for (const key of ["a", "b", "c", "d", "e"]) await rpc.kv.set({ key, value });
      expect(await failureOf(rpc.kv.batchGet({ keys: ["a", "b", "c", "d", "e"] }))).toMatchObject({
        code: Code.ResourceExhausted,
        reason: "MESSAGE_TOO_LARGE",
      });
    });
  });
}

/** Without the messages' type names, and bytes of any class as numbers. */
function plain(value: unknown): unknown {
  if (value instanceof Uint8Array || Array.isArray(value)) return Array.from(value, plain);
  if (typeof value !== "object" || value === null) return value;
  const members = Object.entries(value).filter(([name]) => name !== "$typeName");
  return new Map(members.map(([name, member]) => [name, plain(member)]));
}
