import type { Clock } from "../../src/clock.ts";
import { CoreStore } from "../../src/store/core/core-store.ts";
import { LockingStore } from "../../src/store/decorators/locking-store.ts";
import type { Failpoint } from "../../src/store/sqlite/failpoint.ts";
import { openSqliteEngine } from "../../src/store/sqlite/sqlite-engine.ts";
import type { Store } from "../../src/store/store.ts";
import { crashSpaces } from "./crash-spaces.ts";
import type { Line } from "./ledger.ts";
import { tellingEngine } from "./telling-engine.ts";

export interface CrashStoreOptions {
  readonly path: string;
  /** Unique among the processes that open the file. */
  readonly instance: string;
  readonly clock: Clock;
  readonly historyBytes?: number;
  /** How many pages the log gathers before a checkpoint. */
  readonly checkpointPages?: number | undefined;
  readonly failpoint?: Failpoint | undefined;
  /** Told of every commit before the engine gets it. */
  readonly tell?: (line: Line) => void;
}

/** The store on a file of SQLite as `openStore` makes it, with a failpoint. */
export async function openCrashStore(options: CrashStoreOptions): Promise<Store> {
  const { path, instance, clock, failpoint } = options;
  const { checkpointPages = 1000, historyBytes = 64 * 1024 * 1024, tell = ignore } = options;
  const spaces = crashSpaces;
  const engine = await openSqliteEngine({ path, spaces, clock, checkpointPages, failpoint });
  const core = new CoreStore({
    engine: tellingEngine(engine, tell),
    spaces,
    clock,
    random: Math.random,
    instance,
    history: { bytes: historyBytes, ms: 30 * 24 * 3_600_000 },
    // What fails in the background is tried again; what matters of it is seen in the file.
    report: ignore,
  });
  core.start();
  return new LockingStore(core, clock);
}

const ignore = (): void => undefined;
