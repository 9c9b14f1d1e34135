import { join } from "node:path";
import type { Clock } from "../../src/clock.ts";
import { CoreStore } from "../../src/store/core/core-store.ts";
import { numberSpace } from "../../src/store/core/number-source.ts";
import { purgeSpace } from "../../src/store/core/purger.ts";
import type { Report } from "../../src/store/core/watch-feed.ts";
import { LockingStore } from "../../src/store/decorators/locking-store.ts";
import type { Engine } from "../../src/store/engine.ts";
import { requestAgeSpace, requestSpace } from "../../src/store/layers/request-memory.ts";
import { openMemoryEngine } from "../../src/store/memory/memory-engine.ts";
import type { Space } from "../../src/store/space.ts";
import { openSqliteEngine } from "../../src/store/sqlite/sqlite-engine.ts";
import type { Limits, Store } from "../../src/store/store.ts";
import { frozenValues } from "./frozen-values.ts";
import { ManualClock } from "./manual-clock.ts";
import { temporaryFolder } from "./temporary-folder.ts";
import { testSpaces } from "./test-spaces.ts";

export const allSpaces: readonly Space<unknown>[] = [
  numberSpace,
  purgeSpace,
  requestSpace,
  requestAgeSpace,
  ...testSpaces,
];

const history = { bytes: 16 * 1024 * 1024, ms: 3_600_000 };

/** Which engine a test's store is on. */
export type TestEngineName = "memory" | "sqlite";

interface TestEngineOptions {
  readonly engine?: TestEngineName;
  readonly spaces?: readonly Space<unknown>[];
  readonly historyBytes?: number;
}

/** The memory engine with the spaces of tests. Whoever changes a value it was given finds out. */
export async function openTestEngine(
  clock: Clock,
  limits: Partial<Limits> = {},
  { engine = "memory", spaces = allSpaces, historyBytes = history.bytes }: TestEngineOptions = {},
): Promise<Engine> {
  if (engine === "sqlite") {
    return openSqliteEngine({ path: join(temporaryFolder(), "tiffin.db"), spaces, clock, limits });
  }
  return frozenValues(
    openMemoryEngine({
      spaces,
      clock,
      limits,
      historyBytes,
      bytesMax: 256 * 1024 * 1024,
      whenFull: "refuse",
    }),
  );
}

/** The store over an engine, that in memory unless told otherwise, on a clock turned by hand, with or without the locking decorator. */
export async function openTestStore({
  engine = "memory",
  limits = {},
  locking = false,
  alter = (engine) => engine,
  report = throwReport,
  historyBytes = history.bytes,
}: {
  engine?: TestEngineName;
  limits?: Partial<Limits>;
  locking?: boolean;
  alter?: (engine: Engine) => Engine;
  report?: Report;
  historyBytes?: number;
}): Promise<{ store: Store; clock: ManualClock }> {
  const clock = new ManualClock();
  const core = new CoreStore({
    engine: alter(await openTestEngine(clock, limits, { engine, historyBytes })),
    spaces: allSpaces,
    clock,
    random: () => 0.5,
    instance: "test",
    history: { ...history, bytes: historyBytes },
    report,
  });
  core.start();
  return { store: locking ? new LockingStore(core, clock) : core, clock };
}

const throwReport: Report = (problem, cause) => {
  throw new Error(problem, { cause });
};
