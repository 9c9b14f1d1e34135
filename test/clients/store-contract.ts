import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Store } from "../../gen/typescript/lib/store.ts";
import type { ManualClock } from "../support/manual-clock.ts";
import { propertyParameters } from "../support/property.ts";

/** A store to be tested, empty, and the clock that its values expire by. */
export interface StoreSubject extends AsyncDisposable {
  readonly store: Store & Required<Pick<Store, "update">>;
  readonly clock: ManualClock;
}

/** What every Store of the package promises. */
export function testStore(name: string, open: () => Promise<StoreSubject>): void {
  describe(`${name} as a Store`, () => {
    testValues(open);
    testRefusals(open);
    testExpiry(open);
    testUpdates(open);
  });
}

function testValues(open: () => Promise<StoreSubject>): void {
  test("what was set is what is got", async () => {
    await using subject = await open();
    await subject.store.set("user", { name: "Ada", roles: ["admin"] });
    expect(await subject.store.get("user")).toEqual({ name: "Ada", roles: ["admin"] });
  });

  test("what was never set is undefined", async () => {
    await using subject = await open();
    expect(await subject.store.get("nobody")).toBeUndefined();
  });

  test("what was deleted is undefined, and deleting it again is no error", async () => {
    await using subject = await open();
    await subject.store.set("key", 1);
    await subject.store.delete("key");
    await subject.store.delete("key");
    await subject.store.delete("never there");
    expect(await subject.store.get("key")).toBeUndefined();
  });

  test("keys do not know of each other", async () => {
    await using subject = await open();
    const keys = ["a", "a/b", "A", "ä", "a b", "__proto__", "x".repeat(1024)];
    for (const key of keys) await subject.store.set(key, `of ${key}`);
    await subject.store.delete("a");
    for (const key of keys.slice(1)) expect(await subject.store.get(key)).toBe(`of ${key}`);
    expect(await subject.store.get("a")).toBeUndefined();
  });

  test.each([
    ["null", null],
    ["an empty object", {}],
    ["an empty list", []],
    ["an empty text", ""],
    ["a text", "Grüße, 🌍 \\ud83d"],
    ["zero", 0],
    ["a fraction", -1.5],
    ["the largest exact integer", Number.MAX_SAFE_INTEGER],
    ["false", false],
    ["a list", [1, "two", null, { three: [] }]],
    ["nested objects", { a: { b: { c: null } } }],
  ])("%s comes back as it is", async (_, value) => {
    await using subject = await open();
    await subject.store.set("key", value);
    expect(await subject.store.get("key")).toStrictEqual(value);
  });

  test("any JSON comes back as it is", async () => {
    await using subject = await open();
    const anyJson = fc.jsonValue({ maxDepth: 5, stringUnit: "binary" });
    await fc.assert(
      fc.asyncProperty(anyJson, async (value) => {
        await subject.store.set("key", value);
        expect(await subject.store.get("key")).toStrictEqual(JSON.parse(JSON.stringify(value)));
      }),
      propertyParameters(25),
    );
  });

  test("what JSON says in its own way comes back as JSON says it, from every store alike", async () => {
    await using subject = await open();
    const at = new Date(0);
    await subject.store.set("key", { at, left: undefined, call: open, list: [undefined, NaN] });
    expect(await subject.store.get("key")).toStrictEqual({
      at: "1970-01-01T00:00:00.000Z",
      list: [null, null],
    });
  });

  test("a member called __proto__ is a member like any other", async () => {
    await using subject = await open();
    const text = '{"__proto__":{"admin":true},"constructor":1}';
    await subject.store.set("key", JSON.parse(text));
    const value = await subject.store.get("key");
    expect(JSON.stringify(value)).toBe(text);
    expect(value).not.toHaveProperty("admin");
  });

  test("the last value set is kept", async () => {
    await using subject = await open();
    await subject.store.set("key", { first: true });
    await subject.store.set("key", { second: true });
    expect(await subject.store.get("key")).toEqual({ second: true });
  });

  test("changing what was given or got changes nothing in the store, however deep", async () => {
    await using subject = await open();
    const given = { deep: { list: [1] } };
    await subject.store.set("key", given);
    given.deep.list.push(2);
    const got = (await subject.store.get("key")) as typeof given;
    got.deep.list.push(3);
    expect(await subject.store.get("key")).toEqual({ deep: { list: [1] } });
  });
}

function testRefusals(open: () => Promise<StoreSubject>): void {
  const cycle: Record<string, unknown> = {};
  cycle["self"] = cycle;

  test.each([
    ["undefined", undefined, "undefined"],
    ["a function", open, "function"],
    ["a symbol", Symbol("s"), "symbol"],
    ["a BigInt, even deep within", { a: [1n] }, "BigInt"],
    ["a cycle", cycle, "circular"],
    ["half of a surrogate pair", ["\ud83d"], "surrogate"],
  ])("%s is refused, naming the key and the type", async (_, value, type) => {
    await using subject = await open();
    await subject.store.set("key", "as before");
    const setting = subject.store.set("key", value);
    await expect(setting).rejects.toThrow(TypeError);
    await expect(setting).rejects.toThrow(/\bkey\b/);
    await expect(setting).rejects.toThrow(type);
    expect(await subject.store.get("key")).toBe("as before");
  });

  test.each([
    ["empty", ""],
    ["longer than 1024 bytes", "ä".repeat(513)],
    ["half of a surrogate pair", "\ud83d"],
  ])("a key that is %s is refused by every method", async (_, key) => {
    await using subject = await open();
    const { store } = subject;
    const change = () => ({ value: 1 });
    for (const calling of [store.get(key), store.set(key, 1), store.delete(key)]) {
      await expect(calling).rejects.toThrow(/key/);
    }
    await expect(store.update(key, change)).rejects.toThrow(/key/);
  });

  test.each([0, -1, NaN, Infinity, Number.MAX_VALUE])("a ttl of %d is refused", async (ttlMs) => {
    await using subject = await open();
    await expect(subject.store.set("key", 1, { ttlMs })).rejects.toThrow(RangeError);
    await expect(subject.store.update("key", () => ({ value: 1, ttlMs }))).rejects.toThrow(
      RangeError,
    );
    expect(await subject.store.get("key")).toBeUndefined();
  });
}

function testExpiry(open: () => Promise<StoreSubject>): void {
  test("a value with a ttl is there until that instant, and then is not", async () => {
    await using subject = await open();
    await subject.store.set("key", "here", { ttlMs: 1000 });
    subject.clock.advance(999);
    expect(await subject.store.get("key")).toBe("here");
    subject.clock.advance(1);
    expect(await subject.store.get("key")).toBeUndefined();
  });

  test("a ttl is taken to the millisecond, upwards", async () => {
    await using subject = await open();
    await subject.store.set("key", "here", { ttlMs: 0.2 });
    expect(await subject.store.get("key")).toBe("here");
    subject.clock.advance(1);
    expect(await subject.store.get("key")).toBeUndefined();
  });

  test("setting again without a ttl leaves nothing of the one before", async () => {
    await using subject = await open();
    await subject.store.set("key", 1, { ttlMs: 1000 });
    await subject.store.set("key", 2);
    subject.clock.advance(100_000);
    expect(await subject.store.get("key")).toBe(2);
  });

  test("an update keeps the expiry unless it brings its own", async () => {
    await using subject = await open();
    const { store, clock } = subject;
    await store.set("kept", 1, { ttlMs: 1000 });
    await store.set("longer", 1, { ttlMs: 1000 });
    await store.update("kept", () => ({ value: 2 }));
    await store.update("longer", () => ({ value: 2, ttlMs: 2000 }));
    clock.advance(1000);
    expect([await store.get("kept"), await store.get("longer")]).toEqual([undefined, 2]);
    clock.advance(1000);
    expect(await store.get("longer")).toBeUndefined();
  });

  test("an update finds nothing of what has expired, its expiry included", async () => {
    await using subject = await open();
    const { store, clock } = subject;
    await store.set("key", 1, { ttlMs: 1000 });
    clock.advance(1000);
    const found: unknown[] = [];
    await store.update("key", (value) => {
      found.push(value);
      return { value: 2 };
    });
    clock.advance(100_000);
    expect(found).toEqual([undefined]);
    expect(await store.get("key")).toBe(2);
  });
}

function testUpdates(open: () => Promise<StoreSubject>): void {
  const increment = (value: unknown) => ({ value: ((value as number | undefined) ?? 0) + 1 });

  test("an update writes what the change answers, and answers it as JSON says it", async () => {
    await using subject = await open();
    expect(await subject.store.update("key", () => ({ value: { at: new Date(0) } }))).toEqual({
      at: "1970-01-01T00:00:00.000Z",
    });
    expect(await subject.store.update("n", increment)).toBe(1);
    expect(await subject.store.update("n", increment)).toBe(2);
  });

  test("an update whose change answers undefined writes nothing", async () => {
    await using subject = await open();
    expect(await subject.store.update("key", () => undefined)).toBeUndefined();
    expect(await subject.store.get("key")).toBeUndefined();
  });

  test("what the change throws is what the update throws, and nothing is written", async () => {
    await using subject = await open();
    await subject.store.set("key", 1);
    const change = () => {
      throw new Error("of the change");
    };
    await expect(subject.store.update("key", change)).rejects.toThrow("of the change");
    expect(await subject.store.update("key", increment)).toBe(2);
  });

  test("updates at the same time lose none", async () => {
    await using subject = await open();
    const updates = Array.from({ length: 50 }, () => subject.store.update("n", increment));
    await Promise.all(updates);
    expect(await subject.store.get("n")).toBe(50);
  });

  test("an update that waits in its change loses no other update, set or deletion", async () => {
    await using subject = await open();
    const { store } = subject;
    await store.set("key", { a: 1 });
    const inChange = Promise.withResolvers<void>();
    const goOn = Promise.withResolvers<void>();
    const updating = store.update("key", async (value) => {
      inChange.resolve();
      await goOn.promise;
      return value === undefined ? undefined : { value: { ...value, updated: true } };
    });
    await inChange.promise;
    const deleting = store.delete("key");
    goOn.resolve();
    await Promise.all([updating, deleting]);
    expect(await store.get("key")).toBeUndefined();
  });
}
