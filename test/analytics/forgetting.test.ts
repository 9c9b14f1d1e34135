/** What is remembered has bounds. They are met in memory, where it takes a moment. */
import { describe, expect, test } from "vitest";
import type { AnalyticsStore } from "../../src/analytics-store/analytics-store.ts";
import { MemoryAnalyticsStore } from "../../src/analytics-store/memory/memory-analytics-store.ts";
import type { Clock } from "../../src/clock.ts";
import { ManualClock } from "../support/manual-clock.ts";
import { newScope } from "./analytics-subject.ts";
import { refusal, series } from "./analytics-terms.ts";
import { NaiveAnalyticsStore } from "./naive-analytics-store.ts";

const commitsMax = 10_000;
const requestsMax = 100_000;
const stores: Readonly<Record<string, (clock: Clock) => AnalyticsStore>> = {
  "the naive store": (clock) => new NaiveAnalyticsStore(clock),
  "the memory engine": (clock) =>
    new MemoryAnalyticsStore({ clock, bytesMax: 2 ** 30, report: () => {} }),
};

for (const [name, open] of Object.entries(stores)) {
  describe(name, () => {
    test("remembers the changes of ten thousand commits, and no more", async () => {
      const store = open(new ManualClock());
      await store.init();
      const scope = newScope();
      const { head } = await store.changes(scope, { limit: 1 });
      const first = await store.add(scope, { series: [series()] });
      for (let count = 1; count < commitsMax; count++) {
        await store.add(scope, { series: [series()] });
      }
      const whole = await store.changes(scope, { after: head, limit: 2 * commitsMax });
      expect(whole.commits).toHaveLength(commitsMax);
      await store.add(scope, { series: [series()] });
      const gone = store.changes(scope, { after: head, limit: 1 });
      expect(await refusal(gone)).toMatchObject({ kind: "history_gone" });
      const rest = { after: first.revision, limit: 2 * commitsMax };
      expect((await store.changes(scope, rest)).commits).toHaveLength(commitsMax);
    });
  });
}

test("the memory engine remembers a hundred thousand requests of a tenant, and no more", async () => {
  const store = new MemoryAnalyticsStore({
    clock: new ManualClock(),
    bytesMax: 2 ** 30,
    report: () => {},
  });
  await store.init();
  const scope = newScope();
  const batch = (number: number) => ({
    series: [series()],
    request: { id: `request-${number}`, digest: "digest" },
  });
  for (let number = 0; number <= requestsMax; number++) await store.add(scope, batch(number));
  expect(await store.add(scope, batch(requestsMax))).toMatchObject({ replayed: true });
  expect(await store.add(scope, batch(1))).toMatchObject({ replayed: true });
  expect(await store.add(scope, batch(0))).toMatchObject({ replayed: false });
});
