/** Writes until it is killed; tells its parent what it begins and what was acknowledged, a line each, written before it goes on. */
import { writeSync } from "node:fs";
import { flushCompileCache } from "node:module";
import { CoreStore } from "../../src/store/core/core-store.ts";
import { LockingStore } from "../../src/store/decorators/locking-store.ts";
import type { Failpoint } from "../../src/store/sqlite/failpoint.ts";
import { openSqliteEngine } from "../../src/store/sqlite/sqlite-engine.ts";
import type { Locks, Store } from "../../src/store/store.ts";
import { crashSpaces, nameOf } from "./crash-spaces.ts";
import { FastClock } from "./fast-clock.ts";
import type { Line } from "./ledger.ts";
import { type Plan, planOf, runPlan } from "./plans.ts";
import { tellingEngine } from "./telling-engine.ts";

export interface WriterOptions {
  readonly path: string;
  readonly seed: number;
  /** The number of its first plan. */
  readonly first: number;
  /** How many plans it runs before it closes the store and ends. */
  readonly plans: number;
  /** How many run at once. */
  readonly clients: number;
  /** When it is, to begin with; and how fast time goes by. */
  readonly start: number;
  readonly factor: number;
  readonly historyBytes: number;
  /** How many pages the log gathers before a checkpoint. */
  readonly checkpointPages: number;
  /** Unique among the writers of one file. */
  readonly instance: string;
  readonly failpoint?: Failpoint;
}

export async function runWriting(options: WriterOptions): Promise<void> {
  tell({ tells: "opening" });
  const store = await open(options);
  tell({ tells: "opened" });
  // A killed process would leave none, and the next one compile all of it again.
  flushCompileCache();
  await write(store, options);
  await store.close();
  tell({ tells: "done" });
}

/** Written when this returns: what the parent has not read yet it still can when this process is gone. */
export function tell(line: Line): void {
  let rest = Buffer.from(`${JSON.stringify(line)}\n`);
  while (rest.length > 0) {
    try {
      rest = rest.subarray(writeSync(1, rest));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EAGAIN") throw error;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1); // the parent is behind with reading
    }
  }
}

async function open(options: WriterOptions): Promise<Store> {
  const { path, start, factor, historyBytes, checkpointPages, instance, failpoint } = options;
  const clock = new FastClock(start, factor);
  const engine = await openSqliteEngine({
    path,
    spaces: crashSpaces,
    clock,
    checkpointPages,
    failpoint,
  });
  const core = new CoreStore({
    engine: tellingEngine(engine, tell),
    spaces: crashSpaces,
    clock,
    random: Math.random,
    instance,
    history: { bytes: historyBytes, ms: 30 * 24 * 3_600_000 },
    // What fails in the background is tried again; what matters of it is seen in the file.
    report: () => undefined,
  });
  core.start();
  return new LockingStore(core, clock);
}

async function write(store: Store, { seed, first, plans, clients }: WriterOptions): Promise<void> {
  let next = first;
  const client = async (): Promise<void> => {
    while (next < first + plans) {
      const number = next++;
      await run(store, planOf(seed, number), number);
    }
  };
  await Promise.all(Array.from({ length: clients }, client));
}

async function run(store: Store, plan: Plan, number: number): Promise<void> {
  tell({ tells: "attempted", plan: number });
  try {
    const { revision } = await store.update(locksOf(plan, number), (tx) =>
      runPlan(tx, plan, number),
    );
    tell({ tells: "acknowledged", plan: number, revision });
  } catch (error) {
    const { kind = String(error) } = error as { kind?: string };
    tell({ tells: "refused", plan: number, kind });
  }
}

/** Most wait for each other; some collide, and try again. */
function locksOf({ namespace }: Plan, number: number): Locks {
  return number % 4 === 0 ? {} : { exclusive: [nameOf(namespace)] };
}
