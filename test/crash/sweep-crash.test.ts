import { join } from "node:path";
import { expect, test, vi } from "vitest";
import { openSqliteEngine } from "../../src/store/sqlite/sqlite-engine.ts";
import { ManualClock } from "../support/manual-clock.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";
import { checkIndex } from "./check-views.ts";
import { crashSpaces, everything } from "./crash-spaces.ts";
import { finishLeftovers } from "./leftovers.ts";
import { pagesOf } from "./recovered.ts";
import { runProgram } from "./run-program.ts";
import type { SweepScene } from "./sweep-scene.ts";

// Processes are started, on a machine that others may use too.
vi.setConfig({ testTimeout: 60_000 });

const start = Date.UTC(2026, 0, 1);
const [commits, primaries] = [10, 400];
/** Half of the commits' records have expired then, too many for one commit of the sweeper. */
const afterMs = 5000;

test.each([
  ["before commit", 2],
  ["after commit", 2],
] as const)(
  "test 6: a sweep killed %s %i of its own leaves index and primaries equal at every instant",
  async (step, commit) => {
    const path = join(temporaryFolder(), "store.db");
    // Those of the records, and two of the name's, pass first.
    const failpoint = { step, skip: commits + 1 + commit, does: "kill" } as const;
    const argument = { path, start, commits, primaries, afterMs, failpoint } satisfies SweepScene;
    const { signal } = await runProgram({ file: "sweep-scene.ts", argument }, () => undefined);
    expect(signal).toBe("SIGKILL");

    const clock = new ManualClock(start);
    const engine = await openSqliteEngine({ path, spaces: crashSpaces, clock });
    const expired = (await engine.due(10_000)).length;
    expect(expired, "killed half way").toBeGreaterThan(0);
    expect(expired).toBeLessThan((primaries * 2 * afterMs) / 1000);
    for (let second = afterMs / 1000; second <= commits + 1; second++) {
      for (const instant of [second * 1000 - 1, second * 1000]) {
        const now = start + instant;
        clock.advance(Math.max(0, now - clock.now()));
        const entries = await pagesOf(engine, everything);
        // What lives is there whole, what has expired is not, swept or not.
        const living = commits - Math.floor((engine.now() - start) / 1000);
        expect(entries).toHaveLength(1 + Math.max(0, living) * primaries * 2);
        expect(checkIndex({ now: engine.now(), entries })).toEqual([]);
      }
    }
    expect(await engine.check()).toEqual([]);
    expect(await finishLeftovers(engine, clock), "the next process sweeps the rest").toEqual([]);
  },
);
