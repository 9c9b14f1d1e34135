import fc from "fast-check";
import { test } from "vitest";
import type { Engine } from "../../src/store/engine.ts";
import { key } from "../../src/store/key.ts";
import { openMemoryEngine } from "../../src/store/memory/memory-engine.ts";
import { ManualClock } from "../support/manual-clock.ts";
import { openTestSqlite } from "../support/open-test-sqlite.ts";
import { propertyParameters } from "../support/property.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";
import { quietSpace, testSpaces } from "../support/test-spaces.ts";
import { engineCommands, type RealEngine } from "./engine-commands.ts";
import { EngineModel } from "./engine-model.ts";

const quietPart = key(quietSpace.name);
const limits = { snapshots: 3, snapshotMs: 1000, pageRecords: 5, pageBytes: 40 };

/** Fresh engines, as many as asked for, and how many cases to try with them. */
interface ModelledEngine {
  readonly name: string;
  readonly runs: number;
  open(clock: ManualClock): Promise<Engine>;
}

const memory = (whenFull: "refuse" | "evict"): ModelledEngine => ({
  name: `the memory engine that would ${whenFull}`,
  runs: 150,
  open: async (clock) =>
    openMemoryEngine({
      spaces: testSpaces,
      clock,
      limits,
      historyBytes: 1024 * 1024,
      bytesMax: 64 * 1024 * 1024,
      whenFull,
    }),
});

function sqlite(): ModelledEngine {
  let files = 0;
  let folder: string | undefined;
  return {
    name: "the SQLite engine",
    runs: 15, // each starts a thread
    async open(clock) {
      folder ??= temporaryFolder();
      const name = `${files++}.db`;
      return (await openTestSqlite({ clock, limits, folder, name, checkpointPages: 10 })).engine;
    },
  };
}

for (const { name, runs, open } of [memory("refuse"), memory("evict"), sqlite()]) {
  test(`${name} is what its model says after every step`, async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.commands(engineCommands, { maxCommands: 60, size: "max" }),
        async (commands) => {
          const clock = new ManualClock();
          const engine = await open(clock);
          try {
            const model = new EngineModel(clock.now(), (record) => !record.includes(quietPart));
            const real: RealEngine = { engine, clock, snapshots: [], wakes: 0 };
            engine.onHead(() => real.wakes++);
            await fc.asyncModelRun(() => ({ model, real }), commands);
          } finally {
            await engine.close();
          }
        },
      ),
      propertyParameters(runs),
    );
  });
}
