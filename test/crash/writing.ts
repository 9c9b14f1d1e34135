/** Writes until it is killed; tells its parent what it begins and what was acknowledged, a line each, written before it goes on. */
import { flushCompileCache } from "node:module";
import type { Failpoint } from "../../src/store/sqlite/failpoint.ts";
import type { Locks, Store } from "../../src/store/store.ts";
import { nameOf } from "./crash-spaces.ts";
import { FastClock } from "./fast-clock.ts";
import type { Line } from "./ledger.ts";
import { openCrashStore } from "./open-crash-store.ts";
import { type Plan, planOf, runPlan } from "./plans.ts";
import { tell } from "./tell.ts";

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
  const { start, factor } = options;
  tell({ tells: "opening" } satisfies Line);
  const store = await openCrashStore({ ...options, clock: new FastClock(start, factor), tell });
  tell({ tells: "opened" } satisfies Line);
  // A killed process would leave none, and the next one compile all of it again.
  flushCompileCache();
  await write(store, options);
  await store.close();
  tell({ tells: "done" } satisfies Line);
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
  tell({ tells: "attempted", plan: number } satisfies Line);
  try {
    const { revision } = await store.update(locksOf(plan, number), (tx) =>
      runPlan(tx, plan, number),
    );
    tell({ tells: "acknowledged", plan: number, revision } satisfies Line);
  } catch (error) {
    const { kind = String(error) } = error as { kind?: string };
    tell({ tells: "refused", plan: number, kind } satisfies Line);
  }
}

/** Most wait for each other; some collide, and try again. */
function locksOf({ namespace }: Plan, number: number): Locks {
  return number % 4 === 0 ? {} : { exclusive: [nameOf(namespace)] };
}
