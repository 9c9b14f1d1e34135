/** A short round of `npm run crash`: writers of a SQLite file are killed, and what is left is held against what they said. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test, vi } from "vitest";
import { type Fault, steps } from "./faults.ts";
import { type RoundResult, runRound } from "./round.ts";

// Processes are started, on a machine that others may use too.
vi.setConfig({ testTimeout: 60_000 });

describe("acknowledged is recovered, recovered was attempted, commits are whole and indices right after a kill", () => {
  test.concurrent.each(steps)("%s", async (step) => {
    // Each is reached soon: a few commits gather the pages of a checkpoint, the first sweep trims.
    const failpoint = { step, does: "kill" } as const;
    const faults = [{ kills: "at", failpoint }] as const;
    const { wrong, processes } = await runFaults(7, faults);
    expect(wrong).toEqual([]);
    expect(processes).toEqual([{ fault: step, killed: true }]);
  });

  test.concurrent.each([11, 12])("at random moments, again and again (seed %i)", async (seed) => {
    const faults = [40, 10, 25].map((acknowledged) => ({ kills: "after", acknowledged }) as const);
    const { wrong, processes, acknowledged } = await runFaults(seed, faults);
    expect(wrong).toEqual([]);
    expect(processes.filter(({ killed }) => killed)).toHaveLength(faults.length);
    expect(acknowledged).toBeGreaterThanOrEqual(75);
  });

  test("while the one before it is being recovered", async () => {
    const opening = (ms: number) => ({ kills: "opening", ms }) as const;
    const faults = [{ kills: "after", acknowledged: 50 } as const, opening(0), opening(10)];
    const { wrong } = await runFaults(13, faults);
    expect(wrong).toEqual([]);
  });
});

test("errors, full disks and ends of the writing thread half way of a commit leave nothing half done either", async () => {
  const harms = [
    { step: "after rows", does: "fail" },
    { step: "before commit", does: "full" },
    { step: "after commit", does: "fail" },
    { step: "before answer", does: "exit" },
  ] as const;
  const faults = harms.map(
    (harm) =>
      ({
        kills: "later",
        failpoint: { ...harm, skip: 5, times: 1 },
        acknowledged: 20,
      }) as const,
  );
  const { wrong } = await runFaults(14, faults);
  expect(wrong).toEqual([]);
});

/** In a folder of its own: tests that run at once share vitest's hooks. */
async function runFaults(seed: number, faults: readonly Fault[]): Promise<RoundResult> {
  const folder = await mkdtemp(join(tmpdir(), "tiffin-crash-"));
  try {
    return await runRound({ seed, folder, faults });
  } finally {
    await rm(folder, { recursive: true });
  }
}
