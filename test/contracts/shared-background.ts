import { describe, expect } from "vitest";
import { purgeSpace } from "../../src/store/core/purger.ts";
import { child, key, within } from "../../src/store/key.ts";
import type { CommitEvents, Store } from "../../src/store/store.ts";
import { at, testRoot, testSpace } from "../support/test-spaces.ts";
import { commitOf, remove } from "./engine-writes.ts";
import { storedIn, write } from "./shared-scenarios.ts";
import { type SharedBench, type SharedEngineUnderTest, testShared } from "./shared-subject.ts";

const all = [within(testRoot)];
const jobs = key(0, purgeSpace.name);

/** What every process does behind everyone's back, several of them at once. */
export function describeSharedBackground(subject: SharedEngineUnderTest): void {
  const test = testShared(subject);

  describe("background work", () => {
    test("of several replicas that sweep, one wins: each record expires once, and losing takes no revision", async (bench) => {
      const { clock, settle, eventually } = bench;
      const replicas = [await bench.replica(), await bench.replica(), await bench.replica()];
      const [{ store }] = replicas as [(typeof replicas)[0]];
      const count = 30;
      const expireAt = clock.now() + 500;
      await settle(
        store.update({}, (tx) => {
          for (let n = 0; n < count; n++) tx.put(at(`k${n}`), "v", expireAt);
        }),
      );
      const { head } = await settle(store.get([]));
      clock.advance(500);
      await eventually(async () => (await store.stats(testRoot)).records === 0);
      await passSweeps(bench);
      const swept = (await store.historySpan()).head;
      const commits = await historyUntilNow(store, head);
      const expired = commits.flatMap(({ events }) => events);
      expect(expired.filter(({ type }) => type === "expired")).toHaveLength(count);
      expect(expired).toHaveLength(count);
      expect(commits.at(-1)?.revision).toBe(swept);
      expect(replicas.flatMap(({ problems }) => problems)).toEqual([]);
    });

    test("test 5: what one replica found due lives on when another touched it before the sweep", async ({
      clock,
      replica,
      settle,
    }) => {
      const [toucher, sweeper] = [
        await replica({ background: false }),
        await replica({ background: false }),
      ];
      const expireAt = clock.now() + 50;
      await settle(toucher.store.update({}, (tx) => tx.put(at("a"), "v", expireAt)));
      clock.advance(50);
      expect(await settle(sweeper.engine.due(9))).toMatchObject([{ key: at("a") }]);
      await settle(toucher.store.update({}, (tx) => tx.put(at("a"), "again", "none")));
      await settle(sweeper.engine.apply([commitOf([remove(at("a"), "expired")])]));
      expect(await storedIn(sweeper.store, "a")).toBe("again");
    });

    test("reason 7: a purge that one process left half done is finished by another", async (bench) => {
      const { settle, eventually } = bench;
      const first = await bench.replica({ background: false });
      const neighbour = child(key(1, testSpace.name, 2), "a");
      await settle(first.store.update({}, (tx) => tx.put(neighbour, "v", "none")));
      await fill(bench, first.store, 3500);
      await settle(first.store.update({}, (tx) => tx.purgeLater(within(testRoot))));
      await settle(first.store.close());
      const second = await bench.replica();
      const left = await settle(second.engine.stats(testRoot));
      expect(left.records).toBeGreaterThan(0);
      await eventually(async () => (await second.store.stats(jobs)).records === 0);
      expect(await second.store.stats(testRoot)).toEqual({ records: 0, bytes: 0 });
      expect((await second.store.get([neighbour])).entries[0]?.value).toBe("v");
    });

    test("reason 7: two processes that purge at once take nothing else, and both come to an end", async (bench) => {
      const { settle, eventually } = bench;
      const [first, second] = [await bench.replica(), await bench.replica()];
      const ranges = [1, 2, 3].map((number) => key(1, testSpace.name, number));
      await fill(bench, first.store, 2500);
      for (const range of ranges) {
        const name = child(range, "last");
        await settle(second.store.update({}, (tx) => tx.put(name, "v", "none")));
      }
      const purging = ranges
        .slice(0, 2)
        .map((range, n) =>
          [first, second][n]?.store.update({}, (tx) => tx.purgeLater(within(range))),
        );
      await settle(Promise.all(purging));
      const third = await bench.replica();
      await eventually(async () => (await third.store.stats(jobs)).records === 0);
      const left = await Promise.all(ranges.map((range) => third.store.stats(range)));
      expect(left.map(({ records }) => records)).toEqual([0, 0, 1]);
      expect([first, second, third].flatMap(({ problems }) => problems)).toEqual([]);
    });
  });
}

async function fill({ settle }: SharedBench, store: Store, count: number): Promise<void> {
  for (let from = 0; from < count; from += 500) {
    await settle(
      store.update({}, (tx) => {
        for (let n = from; n < Math.min(count, from + 500); n++) tx.put(at(`k${n}`), "v", "none");
      }),
    );
  }
}

/** So that every replica has swept twice more. */
async function passSweeps({ clock, eventually }: SharedBench): Promise<void> {
  const until = clock.now() + 400;
  await eventually(() => clock.now() >= until);
}

/** The commits in the range from there to now; one more is written to know where now is. */
async function historyUntilNow(store: Store, after: number): Promise<CommitEvents[]> {
  const watch = await store.watch(all, after);
  const last = await write(store, "last");
  const commits: CommitEvents[] = [];
  for await (const commit of watch) {
    if (commit.revision === last) return commits;
    commits.push(commit);
  }
  return commits;
}
