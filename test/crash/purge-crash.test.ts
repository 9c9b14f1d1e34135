import { expect, test, vi } from "vitest";
import { temporaryFolder } from "../support/temporary-folder.ts";
import { runPurge } from "./purge-round.ts";

// Processes are started, on a machine that others may use too.
vi.setConfig({ testTimeout: 60_000 });

test("test 10: a deleted namespace's name is usable at once, and its purge, killed half way, is finished by the next process", async () => {
  const records = 20_000;
  const round = await runPurge(temporaryFolder(), records);
  expect(round).toMatchObject({
    signal: "SIGKILL",
    foundAnew: 0,
    value: "new",
    leftInTheEnd: 0,
    wrong: [],
  });
  expect(round.left).toBeGreaterThan(0);
  expect(round.left).toBeLessThan(records);
});
