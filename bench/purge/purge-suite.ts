import { join } from "node:path";
import { runChild } from "../process/run-child.ts";
import { openScratchFolder } from "../process/scratch-folder.ts";
import { sample } from "../report/sample.ts";
import type { SuiteOptions, SuiteResult } from "../report/suite.ts";

interface Purged {
  readonly answeredMs: number;
  readonly usableMs: number;
  readonly purgedMs: number;
  readonly loopP99Ms: number;
  readonly loopMaxMs: number;
}

/** Deleting a namespace of a million entries, on each engine. */
export async function benchPurge({ rounds }: SuiteOptions): Promise<SuiteResult> {
  const runs = new Map<string, Purged[]>([
    ["memory", []],
    ["SQLite", []],
  ]);
  // Filling takes longer than what is measured: more than three runs say nothing new.
  for (let round = 0; round < Math.min(3, rounds); round++) {
    for (const [engine, purged] of runs) purged.push(await purge(engine));
  }
  const rows = [...runs].map(([engine, purged]) => ({
    engine,
    "ms to the answer": sample(purged.map(({ answeredMs }) => answeredMs)),
    "ms to Set under the same name": sample(purged.map(({ usableMs }) => usableMs)),
    "loop delay, p99 ms": sample(purged.map(({ loopP99Ms }) => loopP99Ms)),
    "at most, ms": sample(purged.map(({ loopMaxMs }) => loopMaxMs)),
    "ms until all is gone": sample(purged.map(({ purgedMs }) => purgedMs)),
  }));
  const note =
    "DeleteNamespace, in process; then one Set in a namespace of the same name, while the old entries are purged in steps. Aims: answered within 50 ms, the event loop's delay under 20 ms at p99.";
  return { tables: [{ title: "Delete a namespace of a million", note, rows }], skipped: [] };
}

async function purge(engine: string): Promise<Purged> {
  await using folder = await openScratchFolder();
  const url = engine === "memory" ? "memory:" : `sqlite:${join(folder.path, "purge.db")}`;
  return await runChild<Purged>(join(import.meta.dirname, "purge-child.ts"), [url, entryCount]);
}

const entryCount = 1_000_000;
