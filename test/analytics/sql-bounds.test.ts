import { expect, onTestFinished, test } from "vitest";
import { PgliteAnalyticsStore } from "../../src/analytics-store/pglite/pglite-analytics-store.ts";
import { ManualClock } from "../support/manual-clock.ts";
import { ask, at, months, refusal, under } from "./analytics-terms.ts";

test("an answer that is too large is not fetched to be refused", async () => {
  let numbersMost = 0;
  const store = new PgliteAnalyticsStore({
    ...{ clock: new ManualClock(), report: () => {} },
    // A column of doubles comes as one text of hexadecimal digits.
    resultsLogger: (_, rows) => {
      for (const { count } of rows as { count?: string }[]) {
        numbersMost = Math.max(numbersMost, (count?.length ?? 0) / 16);
      }
    },
  });
  onTestFinished(() => store.close());
  await store.init();
  const scope = { tenant: "t" };
  const boundaries = months("2024-01", "2024-02", "2024-03");
  const batch = Array.from({ length: 300 }, (_, index) =>
    under(`p${index % 100}`, 1, { start: at(["2023-12", "2024-01", "2024-02"][index % 3] ?? "") }),
  );
  await store.add(scope, { series: batch });
  const asked = { boundaries, aggregates: [{ function: "count" as const }] };
  const whole = await ask(store, scope, { ...asked, numbersMax: 100 * 2 * 3 });
  expect(whole.groups).toHaveLength(100);
  numbersMost = 0;
  const numbersMax = 10 * 2 * 3;
  const tooMuch = await refusal(ask(store, scope, { ...asked, numbersMax }));
  expect(tooMuch).toMatchObject({ kind: "limit_exceeded" });
  expect(numbersMost).toBe(10 * 4 + 1);
}, 60_000);

test("series are rolled up a few periods at a time, each in a commit, and all of them", async () => {
  const store = new PgliteAnalyticsStore({
    ...{ clock: new ManualClock(), report: () => {}, retiredAtOnce: 5 },
  });
  onTestFinished(() => store.close());
  await store.init();
  const scope = { tenant: "t" };
  const starts = [
    "2024-01-01",
    "2024-01-02",
    "2024-01-02",
    "2024-03-01",
    "2024-03-31",
    "2024-05-01",
  ];
  const { revision } = await store.add(scope, {
    series: ["x", "y"].flatMap((path) =>
      starts.map((start) => under(path, 1, { start: at(start) })),
    ),
  });
  await store.setRetention(scope, [
    { ageMs: 0, rollUp: "daily" },
    { ageMs: 0, rollUp: "monthly" },
  ]);
  // First two days of 2 and 4; then three days of 2, and by month, of which all fits.
  expect(await store.applyRetention(scope, at("2025"))).toEqual({
    deleted: 12 + 8,
    rollups: 10 + 4,
  });
  const { commits } = await store.changes(scope, { after: revision, limit: 10 });
  expect(commits.map(({ sources }) => sources[0]?.deleted)).toEqual([6, 14]);
  const answer = await ask(store, scope, {
    boundaries: months("2024-01", "2024-02", "2024-03", "2024-04", "2024-05", "2024-06"),
    aggregates: [{ function: "count" as const }],
  });
  expect(answer.groups.map(({ count }) => [...count])).toEqual([
    [3, 0, 2, 0, 1],
    [3, 0, 2, 0, 1],
  ]);
  expect(await store.applyRetention(scope, at("2025"))).toEqual({ deleted: 0, rollups: 0 });
}, 60_000);
