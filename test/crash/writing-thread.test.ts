import { readdirSync } from "node:fs";
import { expect, test } from "vitest";
import { within } from "../../src/store/key.ts";
import { openTestSqlite } from "../support/open-test-sqlite.ts";
import { at, testRoot } from "../support/test-spaces.ts";

test("a writing thread that ends as soon as it has opened the file lets none of its callers wait for ever", async () => {
  const { engine } = await openTestSqlite({
    // Passed behind every answer, the one to opening the file included.
    failpoint: { step: "before checkpoint", does: "exit" },
    checkpointPages: 0,
  });
  const put = { op: "put", key: at("a"), value: "v", expireAt: "none" } as const;
  // The first to ask starts another thread, the others wait for it; or the first one has not ended yet.
  for (let round = 0; round < 3; round++) {
    const threads = threadsNow();
    const asked = [
      engine.apply([{ id: `${round}`, expect: [], mutations: [put] }]),
      engine.purge(within(testRoot), 0),
      engine.trim({ bytes: 1e9, ms: 1e9 }),
    ];
    // Its answer and its end are then there together, and nobody has heard the one when the other is told.
    untilThreads(threads);
    expect(await Promise.allSettled(asked)).toHaveLength(asked.length);
  }
  await engine.close();
});

const threadsNow = (): number => readdirSync("/proc/self/task").length;

/** Lets nothing happen on this thread until there are no more than so many. */
function untilThreads(count: number): void {
  for (let looks = 0; threadsNow() > count && looks < 1_000_000; looks++);
}
