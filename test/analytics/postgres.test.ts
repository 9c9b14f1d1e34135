import fc from "fast-check";
import { afterAll, beforeAll, test } from "vitest";
import { PostgresAnalyticsStore } from "../../src/analytics-store/postgres/postgres-analytics-store.ts";
import { ManualClock } from "../support/manual-clock.ts";
import { propertyParameters } from "../support/property.ts";
import { describeWithPostgres } from "../support/with-postgres.ts";
import { describeAnalyticsContract } from "./analytics-contract.ts";
import { agreement } from "./life-agreement.ts";

describeWithPostgres("analytics in PostgreSQL", (server) => {
  const clock = new ManualClock();
  let store: PostgresAnalyticsStore;
  beforeAll(async () => {
    const connectionString = await server().newDatabase();
    store = new PostgresAnalyticsStore({
      connectionString,
      clock,
      // So that every query remembers the past, and retention takes many steps, as with many series; PGlite's tests do without.
      ...{ pastSeriesMin: 0, retiredAtOnce: 3 },
      report: () => {},
    });
    await store.init();
  });
  afterAll(() => store.close());
  const subject = { name: "PostgreSQL", open: async () => ({ store, clock }) };

  describeAnalyticsContract(subject);

  test("PostgreSQL answers as the naive store does", async () => {
    await fc.assert(agreement(subject, 24), propertyParameters(15));
  }, 120_000);
});
