import { expect, test } from "vitest";
import type { Engine } from "../../src/store/engine.ts";
import type { EngineOutcome } from "../../src/store/store.ts";
import { alteredEngine } from "../support/altered-engine.ts";
import { openTestStore } from "../support/open-test-store.ts";
import { at } from "../support/test-spaces.ts";

/** A store whose engine loses the connection with each commit, before or after it was applied. */
async function openCutOff(when: "before" | "after") {
  let applied = 0;
  const alter = (inner: Engine): Engine =>
    alteredEngine(inner, {
      async apply(batch): Promise<EngineOutcome[]> {
        if (when === "after") applied += (await inner.apply(batch)).length;
        throw new Error("the connection was cut");
      },
    });
  const { store } = await openTestStore({ alter });
  return { store, applied: () => applied };
}

test("reason 10, test 8: a commit that landed before the connection was cut is answered, and applied once", async () => {
  const { store, applied } = await openCutOff("after");
  const { revision } = await store.update({}, (tx) => tx.put(at("a"), "v", "none"));
  expect((await store.get([at("a")])).entries[0]?.version).toBe(revision);
  expect(applied()).toBe(1);
  await store.close();
});

test("reason 10, test 8: a commit of which nobody knows whether it landed is not tried again", async () => {
  const { store } = await openCutOff("before");
  const writing = store.update({}, (tx) => tx.put(at("a"), "v", "none"));
  await expect(writing).rejects.toMatchObject({ kind: "outcome_unknown" });
  await store.close();
});

test("reason 10, test 8: what was there before is not made up when the engine does not remember it", async () => {
  const { store } = await openCutOff("after");
  await store.update({}, (tx) => tx.put(at("a"), "v", "none"));
  const deleting = store.update({}, (tx) => {
    tx.wantPrevious();
    tx.delete(at("a"));
  });
  await expect(deleting).rejects.toMatchObject({ kind: "outcome_unknown" });
  await store.close();
});

test("an engine that throws where it should reject does not stop the writes behind it", async () => {
  let throws = 0;
  const { store } = await openTestStore({
    alter: (inner) =>
      alteredEngine(inner, {
        apply(batch) {
          if (throws-- > 0) throw new Error("thrown, not rejected");
          return inner.apply(batch);
        },
      }),
  });
  throws = 1;
  const write = (name: string) => store.update({}, (tx) => tx.put(at(name), "v", "none"));
  const [first, second] = [write("a"), write("b")];
  await expect(first).rejects.toMatchObject({ kind: "outcome_unknown" });
  await second;
  await store.close();
});

test("an engine that throws at a commit that only checks, twice, does not stop the writes behind it", async () => {
  let throws = 0;
  const { store } = await openTestStore({
    alter: (inner) =>
      alteredEngine(inner, {
        apply(batch) {
          if (throws-- > 0) throw new Error("thrown, not rejected");
          return inner.apply(batch);
        },
      }),
  });
  throws = 2;
  const checking = store.commit({ expect: [{ key: at("a"), is: "absent" }], mutations: [] });
  const writing = store.update({}, (tx) => tx.put(at("b"), "v", "none"));
  await expect(checking).rejects.toMatchObject({ kind: "outcome_unknown" });
  await writing;
  await store.close();
});

test("closing twice at once waits twice for what is queued", async () => {
  const gate = Promise.withResolvers<void>();
  const { store } = await openTestStore({
    alter: (inner) =>
      alteredEngine(inner, { apply: (batch) => gate.promise.then(() => inner.apply(batch)) }),
  });
  const writing = store.update({}, (tx) => tx.put(at("a"), "v", "none"));
  const closing = [store.close(), store.close()];
  gate.resolve();
  await Promise.all([writing, ...closing]);
});
