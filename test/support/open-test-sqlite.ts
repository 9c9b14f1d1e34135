import { join } from "node:path";
import type { Engine } from "../../src/store/engine.ts";
import {
  openSqliteEngine,
  type SqliteEngineOptions,
} from "../../src/store/sqlite/sqlite-engine.ts";
import { ManualClock } from "./manual-clock.ts";
import { temporaryFolder } from "./temporary-folder.ts";
import { testSpaces } from "./test-spaces.ts";

export interface TestSqliteOptions extends Partial<SqliteEngineOptions> {
  readonly folder?: string;
  readonly name?: string;
  readonly clock?: ManualClock;
}

/** The SQLite engine on a file of its own, or on one that is there, on a clock turned by hand. */
export async function openTestSqlite({
  folder = temporaryFolder(),
  name = "tiffin.db",
  clock = new ManualClock(),
  ...options
}: TestSqliteOptions = {}): Promise<{ engine: Engine; clock: ManualClock; path: string }> {
  const path = join(folder, name);
  const engine = await openSqliteEngine({
    path,
    spaces: testSpaces,
    clock,
    ...options,
  });
  return { engine, clock, path };
}
