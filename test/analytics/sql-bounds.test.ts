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
