import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { systemClock } from "../../clock.ts";
import { type Key, key } from "../key.ts";
import { KeyedLocks } from "./keyed-locks.ts";

const a = key("a");

describe("keyed locks", () => {
  test("a free key is taken at once, without waiting", () => {
    const locks = new KeyedLocks(systemClock);
    expect(locks.acquire({ key: a, exclusive: true }, undefined)).toBeUndefined();
  });

  test("readers share, and a writer waits for all of them", async () => {
    const locks = new KeyedLocks(systemClock);
    expect(locks.acquire({ key: a, exclusive: false }, undefined)).toBeUndefined();
    expect(locks.acquire({ key: a, exclusive: false }, undefined)).toBeUndefined();
    let written = false;
    const writing = locks.acquire({ key: a, exclusive: true }, undefined)?.then(() => {
      written = true;
    });
    locks.release(a);
    await Promise.resolve();
    expect(written).toBe(false);
    locks.release(a);
    await writing;
    expect(written).toBe(true);
  });

  test("a reader that comes after a waiting writer waits behind it", async () => {
    const locks = new KeyedLocks(systemClock);
    const order: string[] = [];
    void locks.acquire({ key: a, exclusive: false }, undefined);
    const writing = locks
      .acquire({ key: a, exclusive: true }, undefined)
      ?.then(() => order.push("writer"));
    const reading = locks
      .acquire({ key: a, exclusive: false }, undefined)
      ?.then(() => order.push("reader"));
    locks.release(a);
    await writing;
    locks.release(a);
    await reading;
    expect(order).toEqual(["writer", "reader"]);
  });

  test("a writer that gives up lets the readers behind it through", async () => {
    const locks = new KeyedLocks(systemClock);
    const abort = new AbortController();
    void locks.acquire({ key: a, exclusive: false }, undefined);
    const writing = locks.acquire({ key: a, exclusive: true }, { signal: abort.signal });
    const reading = locks.acquire({ key: a, exclusive: false }, undefined);
    abort.abort();
    await expect(writing).rejects.toMatchObject({ kind: "cancelled" });
    await reading;
  });

  test("in every order of events: a writer is alone, all get their turn, and nothing is left behind", async () => {
    const claims = fc.array(
      fc.record({ exclusive: fc.boolean(), name: fc.constantFrom("a", "b") }),
      { maxLength: 12 },
    );
    await fc.assert(
      fc.asyncProperty(fc.scheduler(), claims, async (scheduler, wanted) => {
        const locks = new KeyedLocks(systemClock);
        const inside = new Map<Key, number[]>();
        let finished = 0;
        const hold = async ({ exclusive, name }: { exclusive: boolean; name: string }) => {
          const claimed = key(name);
          await locks.acquire({ key: claimed, exclusive }, undefined);
          const here = inside.get(claimed) ?? [];
          inside.set(claimed, here);
          expect(exclusive ? here.length === 0 : !here.includes(-1)).toBe(true);
          here.push(exclusive ? -1 : 1);
          await scheduler.schedule(Promise.resolve(), name);
          here.pop();
          locks.release(claimed);
          finished++;
        };
        const holding = Promise.all(wanted.map(hold));
        await scheduler.waitFor(holding);
        expect(finished).toBe(wanted.length);
        for (const name of ["a", "b"]) {
          expect(locks.acquire({ key: key(name), exclusive: true }, undefined)).toBeUndefined();
        }
      }),
    );
  });
});
