import { expect } from "vitest";
import type { Engine } from "../../src/store/engine.ts";
import type { Key, Range } from "../../src/store/key.ts";
import type { Entry, PageOptions, Snapshot } from "../../src/store/store.ts";
import type { RealEngine } from "./engine-commands.ts";
import { roots } from "./engine-commits.ts";
import { type EngineModel, isLiveAt, keysIn, type ModelSnapshot } from "./engine-model.ts";

/** Everything an engine can be asked is what the model says. */
export async function checkAll(model: EngineModel, real: RealEngine): Promise<void> {
  const { engine } = real;
  expect(await engine.head()).toBe(model.head);
  const live = liveIn(model.records, model.now);
  expect(await allPages(engine, { limit: 2 })).toEqual(live);
  expect(await allPages(engine, { limit: 3, descending: true })).toEqual(live.toReversed());
  const keys = [...new Set([...model.records.keys(), ...live.map(({ key }) => key)])];
  const { entries } = await engine.get(keys);
  expect(entries).toEqual(keys.map((key) => model.live(key)));
  for (const root of roots) expect(await engine.stats(root)).toEqual(model.statistics(root, 3));
  await checkDue(model, engine);
  await checkHistory(model, engine);
  for (const [index, snapshot] of real.snapshots.entries()) {
    await checkSnapshot(snapshot, model.snapshots[index] ?? "lost", keys);
  }
}

async function checkDue(model: EngineModel, engine: Engine): Promise<void> {
  const due = await engine.due(100);
  const expired = [...model.records.values()].filter((entry) => !model.isLive(entry));
  expect(due).toHaveLength(expired.length);
  expect(due).toEqual(expect.arrayContaining(expired));
  const times = due.map(({ expireAt }) => expireAt ?? 0);
  expect(times).toEqual(times.toSorted((a, b) => a - b));
  const first = await engine.due(1);
  expect(first[0]?.expireAt).toBe(due[0]?.expireAt);
}

async function checkHistory(model: EngineModel, engine: Engine): Promise<void> {
  const revisions = model.commits.map(({ revision }) => revision);
  for (const after of [model.floor, ...revisions.slice(-3), model.floor - 1, model.head + 1]) {
    const expected = model.history(after);
    const found = await engine.history(after, Number.POSITIVE_INFINITY).catch(({ kind }) => kind);
    expect(found).toEqual(expected === "gone" ? "history_gone" : expected);
  }
  const [next] = await engine.history(model.floor, 1);
  expect(next?.revision).toBe(revisions[0]);
}

async function checkSnapshot(
  snapshot: Snapshot,
  expected: ModelSnapshot | "lost",
  keys: readonly Key[],
): Promise<void> {
  if (expected === "lost") {
    await expect(snapshot.get([])).rejects.toMatchObject({ kind: "snapshot_lost" });
    await expect(snapshot.page(everything, { limit: 1 })).rejects.toMatchObject({
      kind: "snapshot_lost",
    });
    return;
  }
  expect(snapshot.revision).toBe(expected.revision);
  const live = liveIn(expected.records, expected.at);
  expect(await allPages(snapshot, { limit: 2 })).toEqual(live);
  expect(await allPages(snapshot, { limit: 3, descending: true })).toEqual(live.toReversed());
  const asked = [...new Set([...keys, ...expected.records.keys()])];
  expect(await snapshot.get(asked)).toEqual(
    asked.map((key) => {
      const entry = expected.records.get(key);
      return isLiveAt(entry, expected.at) ? entry : undefined;
    }),
  );
}

/** Follows the pages to their end. */
async function allPages(
  source: Pick<Snapshot, "page">,
  options: Pick<PageOptions, "limit" | "descending">,
): Promise<Entry[]> {
  const found: Entry[] = [];
  let after: Key | undefined;
  for (;;) {
    const page = await source.page(
      everything,
      after === undefined ? options : { ...options, after },
    );
    expect(page.entries.length).toBeLessThanOrEqual(options.limit);
    found.push(...page.entries);
    if (page.next === undefined) return found;
    after = page.next;
  }
}

const liveIn = (records: ReadonlyMap<Key, Entry>, now: number): Entry[] =>
  keysIn(records, everything)
    .map((key) => records.get(key))
    .filter((entry) => isLiveAt(entry, now));

const everything: Range = { start: "\x01" as Key, end: "\xff" as Key };
