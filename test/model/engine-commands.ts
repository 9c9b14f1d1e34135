import fc from "fast-check";
import { expect } from "vitest";
import type { Engine } from "../../src/store/engine.ts";
import type { Range } from "../../src/store/key.ts";
import type { Commit, Revision, Snapshot } from "../../src/store/store.ts";
import type { ManualClock } from "../support/manual-clock.ts";
import { checkAll } from "./check-engine.ts";
import { batches, ranges } from "./engine-commits.ts";
import type { EngineModel } from "./engine-model.ts";

export interface RealEngine {
  readonly engine: Engine;
  readonly clock: ManualClock;
  /** In the order of the model's; those it has lost stay, to be asked again. */
  readonly snapshots: Snapshot[];
  wakes: number;
}

type Command = fc.AsyncCommand<EngineModel, RealEngine>;

/** Does it to both, then compares all there is to see. */
const command = (
  name: string,
  run: (model: EngineModel, real: RealEngine) => Promise<void>,
): Command => ({
  check: () => true,
  async run(model, real) {
    await run(model, real);
    model.now = real.engine.now();
    loseOld(model, real.engine.limits.snapshotMs);
    await checkAll(model, real);
  },
  toString: () => name,
});

function applying(pending: (model: EngineModel) => Commit[]): Command {
  let shown = "apply";
  const applied = command("apply", async (model, real) => {
    const { engine } = real;
    const batch = pending(model);
    const before = { head: model.head, wakes: real.wakes };
    shown = `apply ${JSON.stringify(batch)}`;
    const outcomes = await engine.apply(batch);
    for (const [index, commit] of batch.entries()) {
      const expected = model.apply(commit);
      expect(outcomes[index]).toEqual(expected);
      const landed = "revision" in expected && commit.mutations.length > 0;
      expect(await engine.outcome(commit.id)).toEqual(
        landed ? { revision: expected.revision, rangeDeleted: expected.rangeDeleted } : "unknown",
      );
    }
    expect(real.wakes - before.wakes).toBe(model.head === before.head ? 0 : 1);
  });
  return { ...applied, toString: () => shown };
}

const passing = (ms: number): Command =>
  command(`advance ${ms}`, async (_, { clock }) => clock.advance(ms));

const steppingBack = (ms: number): Command =>
  command(`step back ${ms}`, async (_, { clock }) => clock.stepBack(ms));

const opening = (): Command =>
  command("open a snapshot", async (model, { engine, snapshots }) => {
    model.openSnapshot(engine.limits.snapshots);
    snapshots.push(await engine.snapshot());
  });

const closing = (index: number): Command =>
  command(`close snapshot ${index}`, async (model, { snapshots }) => {
    const at = index % Math.max(1, snapshots.length);
    snapshots[at]?.close();
    const closed = model.snapshots[at];
    if (closed !== undefined && closed !== "lost") model.lose(closed);
  });

const purging = ([range, records]: [Range, number]): Command =>
  command(`purge ${records} of ${JSON.stringify(range)}`, async (model, { engine }) => {
    const before = model.records.size;
    const { done } = await engine.purge(range, records);
    model.purge(range, records);
    if (before - model.records.size < records) expect(done).toBe(true);
  });

const trimming = (ms: number): Command =>
  command(`trim to ${ms} ms`, async (model, { engine }) => {
    await engine.trim({ bytes: ms === 0 ? 0 : Number.POSITIVE_INFINITY, ms });
    const oldest: Revision = Math.floor((model.now - ms) * 1000);
    model.forgetBefore(ms === 0 ? Number.POSITIVE_INFINITY : oldest);
  });

/** All that can be done to an engine, for `fc.commands`. */
export const engineCommands = [
  batches.map(applying),
  batches.map(applying),
  batches.map(applying),
  fc.constantFrom(1, 1, 2, 49, 50, 500, 1001).map(passing),
  fc.constantFrom(1, 100).map(steppingBack),
  fc.constant(undefined).map(opening),
  fc.nat(5).map(closing),
  fc.tuple(ranges, fc.integer({ min: 1, max: 4 })).map(purging),
  fc.constantFrom(0, 50, 500).map(trimming),
];

function loseOld(model: EngineModel, snapshotMs: number): void {
  for (const snapshot of [...model.snapshots]) {
    if (snapshot !== "lost" && snapshot.at < model.now - snapshotMs) model.lose(snapshot);
  }
}
