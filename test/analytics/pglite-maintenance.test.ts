import { PGlite } from "@electric-sql/pglite";
import { expect, onTestFinished, test } from "vitest";
import { PgliteAnalyticsStore } from "../../src/analytics-store/pglite/pglite-analytics-store.ts";
import { ManualClock } from "../support/manual-clock.ts";
import { until } from "../support/until.ts";
import { series } from "./analytics-terms.ts";

test("the planner knows how many series there are, and what was deleted is cleared away", async () => {
  const pglite = await PGlite.create();
  onTestFinished(() => pglite.close());
  const clock = new ManualClock();
  const reports: string[] = [];
  const store = new PgliteAnalyticsStore({
    ...{ clock, pgliteFactory: async () => pglite },
    report: (problem, cause) => void reports.push(`${problem}: ${cause}`),
  });
  await store.init();
  const scope = { tenant: "t" };
  const known = async (): Promise<number> => {
    const { rows } = await pglite.query<{ reltuples: number }>(
      "select reltuples from pg_class where oid = 'tiffin_analytics.series'::regclass",
    );
    return rows[0]?.reltuples ?? 0;
  };
  const batch = { series: Array.from({ length: 7000 }, () => series()) };
  for (let count = 0; count < 3; count++) await store.add(scope, batch);
  await until(async () => (await known()) === 21_000);
  await store.delete(scope, { filter: {} });
  await until(async () => (await known()) === 0);
  await store.close();
  expect(reports).toEqual([]);
}, 60_000);

test("requests that deleted nothing are forgotten like all others", async () => {
  const pglite = await PGlite.create();
  onTestFinished(() => pglite.close());
  const clock = new ManualClock();
  const store = new PgliteAnalyticsStore({
    ...{ clock, pgliteFactory: async () => pglite },
    report: () => {},
  });
  await store.init();
  onTestFinished(() => store.close());
  for (let number = 0; number < 200; number++) {
    if (number === 100) clock.advance(11 * 60_000);
    const request = { id: `r${number}`, digest: "d" };
    await store.delete({ tenant: "t" }, { filter: {}, request });
  }
  const { rows } = await pglite.query<{ kept: number }>(
    "select count(*)::int as kept from tiffin_analytics.request",
  );
  expect(rows[0]?.kept).toBeLessThanOrEqual(100);
}, 60_000);
