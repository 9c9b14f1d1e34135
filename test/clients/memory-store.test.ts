import { expect, test } from "vitest";
import { MemoryStore } from "../../gen/typescript/lib/memory-store.ts";
import { ManualClock } from "../support/manual-clock.ts";
import { testStore } from "./store-contract.ts";

testStore("MemoryStore", async () => {
  const clock = new ManualClock();
  const store = new MemoryStore({ now: () => clock.now() });
  return { store, clock, [Symbol.asyncDispose]: async () => undefined };
});

test("what was used longest ago gives way, and not what was made first", async () => {
  const store = new MemoryStore({ entriesMax: 3 });
  for (const key of ["a", "b", "c"]) await store.set(key, key);
  await store.get("a");
  await store.set("d", "d");
  const left = await Promise.all(["a", "b", "c", "d"].map((key) => store.get(key)));
  expect(left).toEqual(["a", undefined, "c", "d"]);
});

test("what is only overwritten or updated is used as well", async () => {
  const store = new MemoryStore({ entriesMax: 3 });
  for (const key of ["a", "b", "c"]) await store.set(key, key);
  await store.set("a", "again");
  await store.update("b", () => ({ value: "again" }));
  await store.set("d", "d");
  const left = await Promise.all(["a", "b", "c", "d"].map((key) => store.get(key)));
  expect(left).toEqual(["again", "again", undefined, "d"]);
});

test("it keeps 5000 values unless told otherwise", async () => {
  const store = new MemoryStore();
  for (let n = 0; n < 5001; n++) await store.set(`key ${n}`, n);
  expect(await store.get("key 0")).toBeUndefined();
  expect(await store.get("key 1")).toBe(1);
});

test.each([0, -1, 1.5, Infinity, NaN])("room for %d values is refused", (entriesMax) => {
  expect(() => new MemoryStore({ entriesMax })).toThrow(RangeError);
});
