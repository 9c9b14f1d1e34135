import { describe, expect } from "vitest";
import { answerOnce, type IdentifiedRequest } from "../../src/store/layers/request-memory.ts";
import type { Store } from "../../src/store/store.ts";
import { at } from "../support/test-spaces.ts";
import {
  createAndDeleteParent,
  createToLimit,
  increment,
  storedIn,
  writeUnderDeletedName,
} from "./shared-scenarios.ts";
import { type SharedEngineUnderTest, testShared } from "./shared-subject.ts";

/** Updates of several processes at once. */
export function describeSharedUpdates(subject: SharedEngineUnderTest): void {
  const test = testShared(subject);

  describe("updates", () => {
    test("reason 1: updates of one key through two stores at once never lose one", async ({
      replica,
      settle,
    }) => {
      const stores = [(await replica()).store, (await replica()).store];
      const adding = stores.flatMap((store) => Array.from({ length: 20 }, () => increment(store)));
      const answers = await settle(Promise.allSettled(adding));
      const counts = answers.flatMap((answer) =>
        answer.status === "fulfilled" ? [answer.value] : [],
      );
      for (const answer of answers) {
        if (answer.status === "rejected")
          expect(answer.reason).toMatchObject({ kind: "contention" });
      }
      expect(new Set(counts).size).toBe(counts.length);
      expect(await storedIn(stores[0] as Store, "n")).toBe(String(counts.length));
    });

    test("numbers that two stores give never collide", async ({ replica, settle }) => {
      const stores = [(await replica()).store, (await replica()).store];
      const asking = Array.from({ length: 300 }, (_, n) =>
        (stores[n % 2] as Store).update({}, (tx) => tx.nextNumber()),
      );
      const numbers = (await settle(Promise.all(asking))).map(({ result }) => result);
      expect(new Set(numbers).size).toBe(300);
    });

    test("reason 9: one request id at two stores has one effect, and one answer", async ({
      replica,
      settle,
    }) => {
      const stores = [(await replica()).store, (await replica()).store];
      const request: IdentifiedRequest = { tenant: 1, method: "Add", id: "r1", digest: "d1" };
      const once = (store: Store) =>
        answerOnce(store, request, {
          locks: { exclusive: [at("n")] },
          async attempt(tx) {
            const count = Number((await tx.get(at("n")))?.value ?? 0) + 1;
            tx.put(at("n"), String(count), "none");
            return `answer ${count}`;
          },
        });
      const answers = await settle(Promise.all([...stores, ...stores, ...stores].map(once)));
      expect(answers.filter(({ replayed }) => !replayed)).toHaveLength(1);
      expect(new Set(answers.map(({ answer }) => answer))).toEqual(new Set(["answer 1"]));
      expect(new Set(answers.map(({ revision }) => revision)).size).toBe(1);
      expect(await storedIn(stores[0] as Store, "n")).toBe("1");
    });

    test("test 4: creators through two stores never pass the limit that all of them check", async ({
      replica,
      settle,
    }) => {
      await createToLimit([(await replica()).store, (await replica()).store], settle);
    });

    test("test 4: a child created on one store, its parent deleted on the other: no orphan", async ({
      replica,
      settle,
    }) => {
      await createAndDeleteParent([(await replica()).store, (await replica()).store], settle);
    });

    test("test 4: nothing is written on one store under a name whose deletion stands on the other", async ({
      replica,
      settle,
    }) => {
      await writeUnderDeletedName([(await replica()).store, (await replica()).store], settle);
    });
  });
}
