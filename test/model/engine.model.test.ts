import fc from "fast-check";
import { test } from "vitest";
import { key } from "../../src/store/key.ts";
import { openMemoryEngine } from "../../src/store/memory/memory-engine.ts";
import { ManualClock } from "../support/manual-clock.ts";
import { propertyParameters } from "../support/property.ts";
import { quietSpace, testSpaces } from "../support/test-spaces.ts";
import { engineCommands, type RealEngine } from "./engine-commands.ts";
import { EngineModel } from "./engine-model.ts";

const quietPart = key(quietSpace.name);

for (const whenFull of ["refuse", "evict"] as const) {
  test(`the memory engine that would ${whenFull} is what its model says after every step`, async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.commands(engineCommands, { maxCommands: 60, size: "max" }),
        async (commands) => {
          const clock = new ManualClock();
          const engine = openMemoryEngine({
            spaces: testSpaces,
            clock,
            limits: { snapshots: 3, snapshotMs: 1000, pageRecords: 5, pageBytes: 40 },
            historyBytes: 1024 * 1024,
            bytesMax: 64 * 1024 * 1024,
            whenFull,
          });
          const model = new EngineModel(clock.now(), (record) => !record.includes(quietPart));
          const real: RealEngine = { engine, clock, snapshots: [], wakes: 0 };
          engine.onHead(() => real.wakes++);
          await fc.asyncModelRun(() => ({ model, real }), commands);
        },
      ),
      propertyParameters(150),
    );
  });
}
