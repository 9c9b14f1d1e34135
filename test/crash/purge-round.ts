import { join } from "node:path";
import { openSqliteEngine } from "../../src/store/sqlite/sqlite-engine.ts";
import { ManualClock } from "../support/manual-clock.ts";
import { allOf, crashSpaces, nameOf, primariesRoot, primaryOf } from "./crash-spaces.ts";
import { finishLeftovers } from "./leftovers.ts";
import type { PurgeScene } from "./purge-scene.ts";
import { runProgram } from "./run-program.ts";

export interface PurgeRound {
  readonly signal: NodeJS.Signals | null;
  readonly stderr: string;
  /** What the killed process told: what it found under the name, created anew, right after the deletion. */
  readonly foundAnew: number;
  /** Of the deleted namespace's records, those still stored when the next process opened the file, and when it had finished. */
  readonly left: number;
  readonly leftInTheEnd: number;
  /** What the name stands for, and holds. */
  readonly value: unknown;
  readonly wrong: readonly string[];
}

/** Deletes a namespace of so many records, kills the process half way of the purge, and has another one finish it. */
export async function runPurge(folder: string, records: number): Promise<PurgeRound> {
  const path = join(folder, "store.db");
  const steps = Math.floor(records / recordsPerStep / 2);
  const failpoint = { step: "after purge commit", skip: steps, does: "kill" } as const;
  let told = { old: 0, number: 0, found: -1 };
  const { signal, stderr } = await runProgram<typeof told>(
    { file: "purge-scene.ts", argument: { path, records, failpoint } satisfies PurgeScene },
    (line) => {
      told = line;
    },
  );
  const clock = new ManualClock(Date.now());
  const engine = await openSqliteEngine({ path, spaces: crashSpaces, clock });
  const root = primariesRoot(told.old);
  const left = (await engine.stats(root)).records;
  const { entries } = await engine.get([nameOf("full"), primaryOf(told.number, "a-0")]);
  const meant = (entries[0]?.value as { number: number } | undefined)?.number;
  const beyond = (await engine.page(allOf(told.number), { limit: 10 })).entries.length;
  const wrong = await finishLeftovers(engine, clock);
  if (meant !== told.number) wrong.push(`the name stands for ${meant}, not for ${told.number}`);
  if (beyond !== 1) wrong.push(`the name holds ${beyond} records, not its one`);
  const again = await openSqliteEngine({ path, spaces: crashSpaces, clock });
  const leftInTheEnd = (await again.stats(root)).records;
  await again.close();
  const value = entries[1]?.value;
  return { signal, stderr, foundAnew: told.found, left, leftInTheEnd, value, wrong };
}

/** As the purger goes. */
const recordsPerStep = 1000;
