import { describe, expect } from "vitest";
import { within } from "../../src/store/key.ts";
import type { CommitEvents, Outcome, Store } from "../../src/store/store.ts";
import { isConflict } from "../../src/store/store.ts";
import type { Replica } from "../support/shared-replica.ts";
import { at, testRoot } from "../support/test-spaces.ts";
import { storedIn, take, write } from "./shared-scenarios.ts";
import { type SharedBench, type SharedEngineUnderTest, testShared } from "./shared-subject.ts";

const all = [within(testRoot)];

/** One order of commits for all who share the engine. */
export function describeSharedOrder(subject: SharedEngineUnderTest): void {
  const test = testShared(subject);
  const withoutWakes = testShared(subject, ["dropWakes"]);
  const withHeldCommit = testShared(subject, ["holdCommit"]);
  const withHeldCommitUnwoken = testShared(subject, ["holdCommit", "dropWakes"]);
  const withRestart = testShared(subject, ["restart"]);

  describe("order", () => {
    test(
      "test 1: watches on two stores see what both write, in one order and once each",
      writeFromBoth,
    );

    withoutWakes(
      "test 1: watches on two stores see the same order with all wake-ups dropped",
      async (bench) => {
        bench.faults.dropWakes();
        await writeFromBoth(bench);
      },
    );

    withHeldCommit(
      "test 1: a commit that is slow to become visible is neither missed nor overtaken",
      commitBehindHeldOne,
    );

    withHeldCommitUnwoken(
      "test 1: a commit that is slow to become visible is not missed with all wake-ups dropped",
      async (bench) => {
        bench.faults.dropWakes();
        await commitBehindHeldOne(bench);
      },
    );

    withHeldCommit(
      "test 2: of two commits that expect the same version, one behind the other, exactly one wins",
      async (bench) => {
        const { settle, faults } = bench;
        const [first, second] = [await bench.replica(), await bench.replica()];
        const version = await settle(write(first.store, "a", "0"));
        const overwrite = (store: Store, value: string): Promise<Outcome> =>
          store.commit({
            expect: [{ key: at("a"), is: { version } }],
            mutations: [{ op: "put", key: at("a"), value, expireAt: "none" }],
          });
        const release = faults.holdCommit(first.engine);
        const held = overwrite(first.store, "first");
        const behind = overwrite(second.store, "second");
        await passSome(bench);
        release();
        const outcomes = await settle(Promise.all([held, behind]));
        expect(outcomes.filter(isConflict)).toHaveLength(1);
        const winner = isConflict(outcomes[0] as Outcome) ? "second" : "first";
        expect(await storedIn(second.store, "a")).toBe(winner);
      },
    );

    test("reason 2: what one store has answered, the other reads", async ({ replica, settle }) => {
      const [first, second] = [await replica(), await replica()];
      for (let n = 0; n < 20; n++) {
        const [writer, reader] = n % 2 === 0 ? [first, second] : [second, first];
        const revision = await settle(write(writer.store, "a", String(n)));
        const { head, entries } = await settle(reader.store.get([at("a")]));
        expect(head).toBe(revision);
        expect(entries[0]).toMatchObject({ value: String(n), version: revision });
      }
    });

    test("reason 3: no connection issues a revision twice, also while the server's clock steps back", async ({
      clock,
      replica,
      settle,
    }) => {
      const replicas = [await replica(), await replica()];
      const revisions: number[] = [];
      for (let n = 0; n < 20; n++) {
        if (n % 5 === 4) clock.stepBack(1000);
        const late = n === 13 ? await replica() : (replicas[n % 2] as Replica);
        const before = late.store.now();
        revisions.push(await settle(write(late.store, "a", String(n))));
        expect(late.store.now()).toBeGreaterThanOrEqual(before);
      }
      expect(revisions).toEqual([...new Set(revisions)].sort((a, b) => a - b));
    });

    withoutWakes(
      "reason 11: a watch that missed what is forgotten by now ends with history_gone, and skips nothing",
      async (bench) => {
        const { settle, faults } = bench;
        faults.dropWakes();
        const [watched, writer] = [await bench.replica(), await bench.replica()];
        const watch = await settle(watched.store.watch(all, "now"));
        const missed = watch[Symbol.asyncIterator]().next();
        const ended = expect(missed).rejects.toMatchObject({ kind: "history_gone" });
        await passSome(bench); // between two polls
        for (const name of ["a", "b"]) await settle(write(writer.store, name));
        await settle(writer.engine.trim({ bytes: 0, ms: 0 }));
        await write(writer.store, "c");
        await settle(ended);
      },
    );

    withRestart(
      "test 3: after a restart an old expected version conflicts, and an old resume point continues or is refused",
      async ({ clock, faults, replica, settle }) => {
        const { store } = await replica();
        const old = await settle(write(store, "a", "1"));
        const later = await settle(write(store, "a", "2"));
        clock.stepBack(5000);
        await faults.restart();
        const other = await replica();
        for (const each of [store, other.store]) {
          const stale = each.commit({
            expect: [{ key: at("a"), is: { version: old } }],
            mutations: [{ op: "delete", key: at("a"), reason: "deleted" }],
          });
          expect(await settle(stale)).toHaveProperty("conflict");
          const [next] = await settle(each.watch(all, old).then((watch) => take(watch, 1)));
          expect(next?.revision).toBe(later);
          await expect(settle(each.watch(all, old - 1))).rejects.toMatchObject({
            kind: "history_gone",
          });
        }
        expect(await settle(write(other.store, "a", "3"))).toBeGreaterThan(later);
      },
    );
  });
}

/** Both write at once, time and again; what is watched on each is every commit, in revision order. */
async function writeFromBoth(bench: SharedBench): Promise<void> {
  const { settle } = bench;
  const [first, second] = [await bench.replica(), await bench.replica()];
  const watches = await settle(
    Promise.all([first, second].map(({ store }) => store.watch(all, "now"))),
  );
  const rounds = 10;
  const reading = Promise.all(watches.map((watch) => take(watch, 4 * rounds)));
  const revisions: number[] = [];
  for (let round = 0; round < rounds; round++) {
    const writing = [first, second, first, second].map(({ store }, n) => write(store, `k${n}`));
    revisions.push(...(await settle(Promise.all(writing))));
  }
  const expected = revisions.sort((a, b) => a - b);
  for (const seen of await settle(reading)) expect(revisionsOf(seen)).toEqual(expected);
}

async function commitBehindHeldOne(bench: SharedBench): Promise<void> {
  const { settle, faults } = bench;
  const [first, second] = [await bench.replica(), await bench.replica()];
  const watches = await settle(
    Promise.all([first, second].map(({ store }) => store.watch(all, "now"))),
  );
  const reading = Promise.all(watches.map((watch) => take(watch, 3)));
  const release = faults.holdCommit(first.engine);
  const held = write(first.store, "held");
  const behind = [write(second.store, "behind"), write(second.store, "further behind")];
  await passSome(bench);
  release();
  const revisions = await settle(Promise.all([held, ...behind]));
  const expected = revisions.sort((a, b) => a - b);
  for (const seen of await settle(reading)) expect(revisionsOf(seen)).toEqual(expected);
}

const revisionsOf = (commits: readonly CommitEvents[]): number[] =>
  commits.map(({ revision }) => revision);

/** So that watches have polled, and what is held is held. */
async function passSome({ clock, eventually }: SharedBench): Promise<void> {
  const until = clock.now() + 250;
  await eventually(() => clock.now() >= until);
}
