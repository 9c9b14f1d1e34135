import { describe, expect } from "vitest";
import { within } from "../../src/store/key.ts";
import type { Store } from "../../src/store/store.ts";
import { at, testRoot } from "../support/test-spaces.ts";
import { increment, storedIn, take, write } from "./shared-scenarios.ts";
import { type SharedEngineUnderTest, testShared } from "./shared-subject.ts";

const all = [within(testRoot)];

/** Connections that break at the worst moment. */
export function describeSharedFailures(subject: SharedEngineUnderTest): void {
  const withLostAnswer = testShared(subject, ["loseAnswer"]);
  const withLostRequest = testShared(subject, ["loseRequest"]);
  const withRestart = testShared(subject, ["restart"]);

  describe("failures", () => {
    withLostAnswer(
      "test 8: an increment whose answer was lost is applied once, and its answer is right",
      async ({ faults, replica, settle }) => {
        const { store, engine } = await replica();
        await settle(increment(store));
        faults.loseAnswer(engine);
        expect(await settle(increment(store))).toBe(2);
        expect(await settle(increment(store))).toBe(3);
        expect(await storedIn(store, "n")).toBe("3");
      },
    );

    withLostRequest(
      "test 8: an increment that never reached the server is not applied twice, and is not said to stand",
      async ({ faults, replica, settle }) => {
        const { store, engine } = await replica();
        await settle(increment(store));
        faults.loseRequest(engine);
        const told = await settle(increment(store).catch((error: unknown) => error));
        if (told !== 2) expect(told).toMatchObject({ kind: "outcome_unknown" });
        const now = Number(await storedIn(store, "n"));
        expect(now).toBe(told === 2 ? 2 : 1);
        expect(await settle(increment(store))).toBe(now + 1);
      },
    );

    withLostRequest(
      "reason 10: what writes nothing has no unknown outcome",
      async ({ faults, replica, settle }) => {
        const { store, engine } = await replica();
        await settle(write(store, "a"));
        await settle(write(store, "b"));
        faults.loseRequest(engine);
        const reading = store.update({}, async (tx) => [
          (await tx.get(at("a")))?.value,
          (await tx.get(at("b")))?.value,
        ]);
        expect((await settle(reading)).result).toEqual(["v", "v"]);
      },
    );

    withLostRequest(
      "reason 10: a number whose reservation was lost is no unknown outcome of the caller's",
      async ({ faults, replica, settle }) => {
        const [first, second] = [await replica(), await replica()];
        const number = (store: Store) => settle(store.update({}, (tx) => tx.nextNumber()));
        faults.loseRequest(first.engine);
        const given = [await number(first.store), await number(second.store)];
        given.push(await number(first.store), await number(second.store));
        expect(new Set(given.map(({ result }) => result)).size).toBe(4);
      },
    );

    withRestart(
      "test 8: what is in flight when the server restarts happened once, not at all, or is said to be unknown",
      async ({ faults, replica, settle, clock }) => {
        const stores = [(await replica()).store, (await replica()).store];
        const adding = stores.flatMap((store) => Array.from({ length: 5 }, () => increment(store)));
        clock.advance(1);
        await faults.restart();
        const answers = await settle(Promise.allSettled(adding));
        const known = answers.filter(({ status }) => status === "fulfilled").length;
        const unknown = answers.filter(
          (answer) => answer.status === "rejected" && answer.reason?.kind === "outcome_unknown",
        ).length;
        const now = Number((await storedIn(stores[0] as Store, "n")) ?? 0);
        expect(now).toBeGreaterThanOrEqual(known);
        expect(now).toBeLessThanOrEqual(known + unknown);
        expect(await settle(increment(stores[1] as Store))).toBe(now + 1);
      },
    );

    withRestart(
      "reason 11: a watch that waits while the server restarts goes on after it, without a gap",
      async ({ faults, replica, settle }) => {
        const [watched, writer] = [await replica(), await replica()];
        const watch = await settle(watched.store.watch(all, "now"));
        const reading = take(watch, 2);
        const revisions = [await settle(write(writer.store, "a"))];
        await settle(watched.store.get([]));
        await faults.restart();
        revisions.push(await settle(write(writer.store, "b")));
        const seen = await settle(reading);
        expect(seen.map(({ revision }) => revision)).toEqual(revisions);
      },
    );

    withRestart(
      "test 11: a snapshot does not outlive the server's restart: lost, never a mix",
      async ({ faults, replica, settle }) => {
        const { store } = await replica();
        await settle(write(store, "a", "1"));
        const snapshot = await settle(store.snapshot());
        await settle(write(store, "a", "2"));
        await faults.restart();
        await expect(settle(snapshot.get([at("a")]))).rejects.toMatchObject({
          kind: "snapshot_lost",
        });
        snapshot.close();
      },
    );
  });
}
