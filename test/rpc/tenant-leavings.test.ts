import { expect, test } from "vitest";
import { Leavings } from "../../src/store/layers/leavings.ts";
import { openStore } from "../../src/store/open-store.ts";
import { tenantSpaces } from "../../src/tenant/tenant-record.ts";
import { ManualClock } from "../support/manual-clock.ts";
import { settle } from "../support/settle.ts";

test("what is written late, while what is left of its tenant is deleted, is deleted as well", async () => {
  const clock = new ManualClock();
  const store = await openStore({
    ...{ url: "memory:", clock, instance: "test", random: () => 0.5, limits: {} },
    spaces: tenantSpaces,
    history: { bytes: 1024 * 1024, ms: 3_600_000 },
    memory: { bytesMax: 64 * 1024 * 1024, whenFull: "refuse" },
    report: (problem, cause) => {
      throw new Error(problem, { cause });
    },
  });
  let elsewhere = ["early"];
  let late: Promise<boolean> | undefined;
  const leavings = new Leavings(store, async () => {
    elsewhere = [];
    if (late !== undefined) return;
    elsewhere.push("late");
    late = leavings.leave("t");
    // It is noted before the note that is being finished is removed.
    await new Promise<void>((resolve) => setImmediate(resolve));
  });
  await store.update({}, (tx) => leavings.note(tx, "t"));
  await settle(clock, leavings.finish("t"));
  expect(await settle(clock, late ?? Promise.resolve(false))).toBe(true);
  expect(elsewhere).toEqual([]);
  await store.update({}, (tx) => leavings.expectNone(tx, "t"));
  await store.close();
});
