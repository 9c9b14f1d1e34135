import { spawnSync } from "node:child_process";
import { describe, expect, test, vi } from "vitest";
import { temporaryFolder } from "../support/temporary-folder.ts";
import type { FullDiskFound, FullDiskScene } from "./full-disk-scene.ts";
import { runProgram } from "./run-program.ts";

// Processes are started, on a machine that others may use too.
vi.setConfig({ testTimeout: 60_000 });

describe("on a full disk writes are refused whole, reads go on, and it recovers by itself when there is room again", () => {
  test.for([
    ["the log moved into the database now and then", false],
    ["the log held in place by a snapshot until it takes all the room", true],
  ] as const)("with %s", async ([, snapshot], { skip }) => {
    const under = ["unshare", "-rm"];
    const mayMount = spawnSync("unshare", ["-rm", "mount", "-t", "tmpfs", "tmpfs", "/mnt"]);
    if (mayMount.status !== 0) skip("no disk of its own can be mounted here");
    const argument = { folder: temporaryFolder(), snapshot } satisfies FullDiskScene;
    let found: FullDiskFound | undefined;
    const end = await runProgram<FullDiskFound>(
      { file: "full-disk-scene.ts", argument, under },
      (line) => {
        found = line;
      },
    );
    expect(end).toMatchObject({ code: 0, stderr: "" });
    if (found === undefined) throw new Error("it told nothing");
    const { written, refusals, whenFull, deletion, whenRoom } = found;
    const done = (outcome: string): number => (outcome === "done" ? 1 : 0);
    // What is moved out of the log behind a refusal may make room for one more.
    expect(new Set([...refusals, deletion])).toContain("store_full");
    for (const outcome of [...refusals, deletion])
      expect(["done", "store_full"]).toContain(outcome);
    const full = written + refusals.reduce((sum, outcome) => sum + done(outcome), 0);
    expect(whenFull).toEqual([full, full, full]);
    expect(whenRoom).toBe("done");
    const all = full - done(deletion) + 1;
    expect(found.opened).toMatch(/^done$|^StartRefusal: .*its disk is full/);
    if (found.opened === "done") expect(found.whenOpenedFull).toEqual([all, all, all]);
    expect(found.inTheEnd).toEqual([all, all, all]);
    expect(found.damage).toEqual([]);
  });
});
