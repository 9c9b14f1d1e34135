import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, vi } from "vitest";
import { testNeeding } from "../support/needs.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";
import { createLedger, type Line } from "./ledger.ts";
import { runWriter } from "./writer-process.ts";

// Processes are started, on a machine that others may use too.
vi.setConfig({ testTimeout: 60_000 });

testNeeding(
  ["strace"],
  "reason 13: every acknowledged group of commits has its fsync, and commits share them",
  async () => {
    const folder = temporaryFolder();
    const log = join(folder, "strace");
    const ledger = createLedger(21);
    const batches: Extract<Line, { tells: "batch" }>[] = [];
    const options = {
      path: join(folder, "store.db"),
      seed: ledger.seed,
      first: 0,
      plans: 300,
      clients: 24,
      start: Date.UTC(2026, 0, 1),
      factor: 1,
      historyBytes: 1e9,
      checkpointPages: 1000,
      instance: "counted",
    };
    const under = ["strace", "-f", "-y", "-o", log, "-e", "trace=fsync,fdatasync"];
    const { told } = await runWriter({ options, under }, ledger, (line) => {
      if (line.tells === "batch") batches.push(line);
    });
    expect(told.done).toBe(1);
    const calls = (await readFile(log, "utf8")).split("\n");
    // Of the log alone: checkpoints have theirs of the database file.
    const synced = calls.filter((call) => /f(data)?sync\(\d+<[^>]*-wal>/.test(call)).length;
    expect(synced).toBeGreaterThanOrEqual(batches.length);
    expect(synced).toBeLessThan(ledger.acknowledged.size);
    expect(Math.max(...batches.map(({ commits }) => commits))).toBeGreaterThan(1);
  },
);
