import { afterEach, describe, expect, test } from "vitest";
import { LockingStore } from "../../src/store/decorators/locking-store.ts";
import { only } from "../../src/store/key.ts";
import type { Store } from "../../src/store/store.ts";
import { openTestStore } from "../support/open-test-store.ts";
import { quiet, settle } from "../support/settle.ts";
import { at } from "../support/test-spaces.ts";

const callers = 64;

describe("locking store", () => {
  let store: Store;
  afterEach(() => store.close());

  /** 64 callers add one to the same key at once, each attempt crossing an await; answers the attempts it took. */
  async function attemptsToIncrement(locking: boolean): Promise<number> {
    const opened = await openTestStore({ locking });
    store = opened.store;
    let attempts = 0;
    let failed = 0;
    const adding = Array.from({ length: callers }, async () => {
      const locks = { exclusive: [at("n")] };
      await store
        .update(locks, async (tx) => {
          attempts++;
          const count = Number((await tx.get(at("n")))?.value ?? 0);
          tx.put(at("n"), String(count + 1), "none");
        })
        .catch((error: { kind?: string }) => {
          if (error.kind !== "contention") throw error;
          failed++;
        });
    });
    await settle(opened.clock, Promise.all(adding));
    const { entries } = await store.get([at("n")]);
    expect(Number(entries[0]?.value)).toBe(callers - failed);
    return attempts;
  }

  test("reason 1, test 7: 64 updates of one key take 64 attempts", async () => {
    expect(await attemptsToIncrement(true)).toBe(callers);
  });

  test("reason 1, test 7: without it they take more, and lose nothing all the same", async () => {
    expect(await attemptsToIncrement(false)).toBeGreaterThan(callers);
  });

  test("test 7: updates that name their keys in opposite order do not wait for each other in a circle", async () => {
    const opened = await openTestStore({ locking: true });
    store = opened.store;
    const touch = (exclusive: string[]) =>
      store.update({ exclusive: exclusive.map(at) }, async (tx) => {
        await quiet();
        for (const name of exclusive) tx.put(at(name), "v", "none");
      });
    const both = [touch(["a", "b"]), touch(["b", "a"]), touch(["a", "b"]), touch(["b", "a"])];
    await expect(Promise.all(both)).resolves.toHaveLength(4);
  });

  test("test 7: a caller that goes away while it waits leaves the others their turn", async () => {
    const opened = await openTestStore({ locking: true });
    store = opened.store;
    const order: string[] = [];
    const gate = Promise.withResolvers<void>();
    const run = (name: string, signal?: AbortSignal, waitFor?: Promise<void>) =>
      store.update(
        { exclusive: [at("k")] },
        async () => {
          order.push(name);
          await waitFor;
        },
        { signal },
      );
    const abort = new AbortController();
    const first = run("first", undefined, gate.promise);
    const second = run("second", abort.signal);
    const third = run("third");
    abort.abort();
    await expect(second).rejects.toMatchObject({ kind: "cancelled" });
    gate.resolve();
    await Promise.all([first, third]);
    expect(order).toEqual(["first", "third"]);
  });

  test("a caller that has gone before it had to wait does not wait", async () => {
    const opened = await openTestStore({ locking: true });
    store = opened.store;
    const gate = Promise.withResolvers<void>();
    const holding = store.update({ exclusive: [at("k")] }, () => gate.promise);
    const late = store.update({ exclusive: [at("k")] }, () => undefined, {
      signal: AbortSignal.abort(),
    });
    await expect(late).rejects.toMatchObject({ kind: "cancelled" });
    gate.resolve();
    await holding;
  });

  test("a deadline ends the wait for a lock", async () => {
    const opened = await openTestStore({ locking: true });
    store = opened.store;
    const gate = Promise.withResolvers<void>();
    const holding = store.update({ exclusive: [at("k")] }, () => gate.promise);
    const waiting = store.update({ exclusive: [at("k")] }, () => undefined, {
      deadline: opened.clock.now() + 10,
    });
    opened.clock.advance(10);
    await expect(waiting).rejects.toMatchObject({ kind: "deadline_exceeded" });
    gate.resolve();
    await holding;
  });

  test("reason 1, reason 15: what is no update is answered by the store inside, by its own promise", async () => {
    const { store: inner, clock } = await openTestStore({});
    const answered: unknown[] = [];
    const told = new Proxy(inner, {
      get(target, name) {
        const member = Reflect.get(target, name, target) as unknown;
        if (typeof member !== "function") return member;
        return (...args: unknown[]) => {
          const answer: unknown = Reflect.apply(member, target, args);
          answered.push(answer);
          return answer;
        };
      },
    });
    store = new LockingStore(told, clock);
    const range = only(at("k"));
    const answers: unknown[] = [
      store.get([at("k")]),
      store.page(range, { limit: 1 }),
      store.snapshot(),
      store.commit({ expect: [], mutations: [] }),
      store.watch([range], "now"),
      store.purge(range, 1),
      store.stats(),
      store.roots(range, 1),
      store.historySpan(),
      store.check(),
      store.update({}, () => undefined), // that names no keys
    ];
    for (const [index, answer] of answers.entries()) expect(answer).toBe(answered[index]);
    await Promise.all(answers);
  });

  test("an attempt that throws gives its locks back", async () => {
    const opened = await openTestStore({ locking: true });
    store = opened.store;
    const failing = store.update({ exclusive: [at("k")] }, () => {
      throw new Error("no");
    });
    await expect(failing).rejects.toThrow("no");
    await store.update({ exclusive: [at("k")] }, (tx) => tx.put(at("k"), "v", "none"));
  });
});
