import { expect, test } from "vitest";
import { KeyLocks } from "../../gen/typescript/lib/key-locks.ts";

test("work on one key is done in the order of asking, whatever became of the work before", async () => {
  const locks = new KeyLocks();
  const order: string[] = [];
  const slow = Promise.withResolvers<void>();
  const first = locks.run("a", async () => {
    await slow.promise;
    order.push("first");
    throw new Error("first");
  });
  const second = locks.run("a", () => void order.push("second"));
  await locks.run("b", () => void order.push("another key"));
  slow.resolve();
  await expect(first).rejects.toThrow("first");
  await second;
  expect(order).toEqual(["another key", "first", "second"]);
});

test("nothing is remembered of keys without work", async () => {
  const locks = new KeyLocks();
  const keys = Array.from({ length: 100 }, (_, n) => `key ${n}`);
  const working = [...keys, ...keys].map((key) =>
    locks.run(key, () => Promise.reject(new Error())),
  );
  expect(locks.size).toBe(100);
  await Promise.allSettled(working);
  await Promise.resolve();
  expect(locks.size).toBe(0);
});
