import { setImmediate } from "node:timers/promises";
import { expect, test } from "vitest";
import type { Engine } from "../../src/store/engine.ts";
import { alteredEngine } from "../support/altered-engine.ts";
import { openTestStore, type TestEngineName } from "../support/open-test-store.ts";
import { at } from "../support/test-spaces.ts";

test("writers that write again as soon as they are answered share every batch of an engine that syncs", async () => {
  expect(await batchesOf("sqlite")).toEqual([writers, writers, writers]);
});

const writers = 16;
const turns = 3;

/** How many commits each batch had while all writers wrote so often. */
async function batchesOf(engine: TestEngineName): Promise<number[]> {
  const batches: number[] = [];
  const recording = (inner: Engine): Engine =>
    alteredEngine(inner, {
      apply(batch) {
        batches.push(batch.length);
        return inner.apply(batch);
      },
    });
  const { store } = await openTestStore({ engine, alter: recording });
  const write = async (writer: number): Promise<void> => {
    for (let turn = 0; turn < turns; turn++) {
      await store.update({}, (tx) => tx.put(at(String(writer)), String(turn), "none"));
    }
  };
  await Promise.all(Array.from({ length: writers }, (_, writer) => write(writer)));
  await store.close();
  return batches;
}

test("hundreds that are answered by one batch leave turns to others in between", async () => {
  const answered: number[] = [];
  const { store } = await openTestStore({ engine: "sqlite" });
  const count = 200;
  const write = async (writer: number): Promise<void> => {
    await store.update({}, (tx) => tx.put(at(String(writer)), "v", "none"));
    answered.push(writer);
  };
  const all = Promise.all(Array.from({ length: count }, (_, writer) => write(writer)));
  let seenBetween = 0;
  while (answered.length < count) {
    await setImmediate();
    if (answered.length > 0 && answered.length < count) seenBetween++;
  }
  await all;
  expect(seenBetween).toBeGreaterThan(1);
  await store.close();
});
