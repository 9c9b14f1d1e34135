import { expect, test } from "vitest";
import { purgeSpace } from "../../src/store/core/purger.ts";
import { child, key, within } from "../../src/store/key.ts";
import type { Store } from "../../src/store/store.ts";
import { alteredEngine } from "../support/altered-engine.ts";
import { openTestStore } from "../support/open-test-store.ts";
import { eventually, quiet } from "../support/settle.ts";
import { at, testRoot } from "../support/test-spaces.ts";

const jobs = key(0, purgeSpace.name);

/** Lets that many steps of work that waits for nothing happen. */
async function steps(count: number): Promise<void> {
  for (let step = 0; step < count; step++) await Promise.resolve();
}

test("a purge that is asked for while the one before it ends is not forgotten", async () => {
  for (let count = 0; count < 20; count++) {
    const looked = Promise.withResolvers<void>();
    const answered = Promise.withResolvers<void>();
    let looks = 0;
    const { store } = await openTestStore({
      alter: (inner) =>
        alteredEngine(inner, {
          async page(range, options) {
            const page = await inner.page(range, options);
            if (looks++ === 0) await looked.promise;
            return page;
          },
          async apply(batch) {
            const outcomes = await inner.apply(batch);
            await answered.promise;
            return outcomes;
          },
        }),
    });
    await quiet(); // so that the first look for jobs has found none, and is still to say so
    const asking = store.update({}, (tx) => tx.purgeLater(within(testRoot)));
    await quiet(); // so that the job is there, and is still to be told of
    answered.resolve();
    await steps(count);
    looked.resolve();
    await asking;
    await quiet();
    expect(await store.stats(jobs), `${count} steps later`).toMatchObject({ records: 0 });
    await store.close();
  }
});

test("a purge that failed is tried again, not at once, and reported once until it works", async () => {
  const problems: string[] = [];
  let failures = 3;
  const { store, clock } = await openTestStore({
    report: (problem) => problems.push(problem),
    alter: (inner) =>
      alteredEngine(inner, {
        purge: (range, records) =>
          failures-- > 0 ? Promise.reject(new Error("no")) : inner.purge(range, records),
      }),
  });
  await store.update({}, (tx) => tx.purgeLater(within(testRoot)));
  await quiet();
  expect(problems).toEqual(["purging failed"]);
  await eventually(clock, async () => (await store.stats(jobs)).records === 0);
  expect(problems).toHaveLength(1);
  failures = 1;
  await store.update({}, (tx) => tx.purgeLater(within(testRoot)));
  await eventually(clock, async () => (await store.stats(jobs)).records === 0);
  expect(problems).toHaveLength(2);
  await store.close();
});

test("reason 7: a purge that is asked for again while it is at its end is not taken for done", async () => {
  const purged = Promise.withResolvers<void>();
  const goOn = Promise.withResolvers<void>();
  let purges = 0;
  const { store, clock } = await openTestStore({
    alter: (inner) =>
      alteredEngine(inner, {
        async purge(range, records) {
          const done = await inner.purge(range, records);
          if (purges++ === 0) {
            purged.resolve();
            await goOn.promise;
          }
          return done;
        },
      }),
  });
  const ask = () => store.update({}, (tx) => tx.purgeLater(within(testRoot)));
  await ask();
  await purged.promise;
  await store.update({}, (tx) => tx.put(at("later"), "v", "none"));
  await ask();
  goOn.resolve();
  await eventually(clock, async () => (await store.stats(jobs)).records === 0);
  expect(await store.stats(testRoot)).toMatchObject({ records: 0 });
  await store.close();
});

test("a store that is closed while it follows the history has no problem to report", async () => {
  const problems: string[] = [];
  const asked = Promise.withResolvers<void>();
  const closed = Promise.withResolvers<never>();
  let following = false;
  const { store } = await openTestStore({
    report: (problem) => problems.push(problem),
    alter: (inner) =>
      alteredEngine(inner, {
        history(after, bytes) {
          if (!following) return inner.history(after, bytes);
          asked.resolve();
          return closed.promise;
        },
      }),
  });
  const watch = await store.watch([within(testRoot)], "now");
  const ended = watch[Symbol.asyncIterator]()
    .next()
    .catch(() => "ended");
  await quiet(); // so that it waits
  following = true;
  await store.update({}, (tx) => tx.put(at("a"), "v", "none"));
  await asked.promise;
  await store.close();
  closed.reject(new Error("the connection is closed"));
  await quiet();
  expect(await ended).toBe("ended");
  expect(problems).toEqual([]);
});

test("what fails in the background is reported once, not ten times a second, until it works again", async () => {
  const problems: string[] = [];
  let isDown = false;
  const { store, clock } = await openTestStore({
    report: (problem) => problems.push(problem),
    alter: (inner) => {
      const unlessDown = <T>(answer: () => Promise<T>): Promise<T> =>
        isDown ? Promise.reject(new Error("down")) : answer();
      return alteredEngine(inner, {
        due: (limit) => unlessDown(() => inner.due(limit)),
        history: (after, bytes) => unlessDown(() => inner.history(after, bytes)),
      });
    },
  });
  const watch = await store.watch([within(testRoot)], "now");
  const next = watch[Symbol.asyncIterator]().next();
  await quiet(); // so that it waits
  for (const round of [1, 2]) {
    isDown = true;
    for (let sweep = 0; sweep < 20; sweep++) {
      await store.update({}, (tx) => tx.put(key(2, "test", 1, "elsewhere"), "v", "none"));
      clock.advance(100);
      await quiet();
    }
    expect(problems.toSorted()).toEqual(
      ["following the history failed", "sweeping failed"].flatMap((problem) =>
        Array.from({ length: round }, () => problem),
      ),
    );
    isDown = false;
    for (let sweep = 0; sweep < 2; sweep++) {
      await store.update({}, (tx) => tx.put(key(2, "test", 1, "elsewhere"), "v", "none"));
      clock.advance(100);
      await quiet();
    }
  }
  await store.update({}, (tx) => tx.put(at("a"), "v", "none"));
  expect((await next).value).toMatchObject({ events: [{ type: "put" }] });
  await store.close();
});

async function putExpiring(store: Store, count: number, value: string): Promise<void> {
  const expireAt = store.now() + 10;
  for (let n = 0; n < count; n++) {
    await store.update({}, (tx) => tx.put(at(`k${n}`), value, expireAt));
  }
}

test("large records that expire together do not push each other's events out of the history", async () => {
  const { store, clock } = await openTestStore({ historyBytes: 4 * 1024 * 1024 });
  await putExpiring(store, 100, "v".repeat(64 * 1024));
  const watch = await store.watch([within(testRoot)], "now");
  const expired = (async () => {
    let events = 0;
    for await (const commit of watch) {
      events += commit.events.length;
      if (events === 100) return events;
    }
    return events;
  })();
  await quiet(); // so that it waits
  clock.advance(100);
  expect(await expired).toBe(100);
  await store.close();
});

test("closing does not wait until everything that has expired is removed", async () => {
  const { store, clock } = await openTestStore({ limits: { commitRecords: 10 } });
  await putExpiring(store, 500, "v");
  clock.advance(100);
  await store.close();
  expect((await store.stats(testRoot)).records).toBeGreaterThan(0);
});

test("watches that read far back let others have their turn", async () => {
  const { store } = await openTestStore({});
  const write = (name: string) => store.update({}, (tx) => tx.put(at(name), "v", "none"));
  const { revision } = await write("first");
  for (let n = 0; n < 10_000; n++) await write("other");
  const watch = await store.watch([within(child(testRoot, "none"))], revision);
  const reading = watch[Symbol.asyncIterator]()
    .next()
    .catch(() => undefined);
  let turns = 0;
  const head = (await store.get([])).head;
  while (watch.position < head) {
    await new Promise((resolve) => setImmediate(resolve));
    turns++;
  }
  expect(turns).toBeGreaterThan(10);
  await store.close();
  await reading;
});
