import fc from "fast-check";
import { expect, test } from "vitest";
import { MemoryAnalyticsStore } from "../../src/analytics-store/memory/memory-analytics-store.ts";
import { PgliteAnalyticsStore } from "../../src/analytics-store/pglite/pglite-analytics-store.ts";
import { PostgresAnalyticsStore } from "../../src/analytics-store/postgres/postgres-analytics-store.ts";
import { ManualClock } from "../support/manual-clock.ts";
import { commandFor, testNeeding } from "../support/needs.ts";
import { PostgresServer } from "../support/postgres-server.ts";
import { propertyParameters } from "../support/property.ts";
import type { OpenedAnalytics } from "./analytics-subject.ts";
import { agreement } from "./life-agreement.ts";

const report = (problem: string, cause: unknown): void => {
  throw new Error(problem, { cause });
};

test("a thousand questions and more are answered in memory as by the naive store", async () => {
  const open = async (): Promise<OpenedAnalytics> => {
    const clock = new ManualClock();
    const store = new MemoryAnalyticsStore({ clock, bytesMax: 2 ** 30, report });
    await store.init();
    return { store, clock };
  };
  await fc.assert(agreement({ name: "memory", open }, 40), propertyParameters(80));
}, 60_000);

test("hundreds of questions are answered by PGlite as by the naive store", async () => {
  const clock = new ManualClock();
  const store = new PgliteAnalyticsStore({ clock, report });
  await store.init();
  try {
    await expectAgreement({ store, clock });
  } finally {
    await store.close();
  }
}, 120_000);

const onPostgres = "hundreds of questions are answered by PostgreSQL as by the naive store";
if (commandFor("postgres") === undefined) testNeeding(["postgres"], onPostgres, () => {});
else {
  test(onPostgres, async () => {
    await using server = await PostgresServer.start();
    const clock = new ManualClock();
    const connectionString = await server.newDatabase();
    const store = new PostgresAnalyticsStore({ connectionString, clock, report });
    await store.init();
    try {
      await expectAgreement({ store, clock });
    } finally {
      await store.close();
    }
  }, 120_000);
}

/** Few lives, and long ones: what is asked costs less than what is added. */
async function expectAgreement(opened: OpenedAnalytics): Promise<void> {
  const subject = { name: "SQL", open: async () => opened };
  await fc.assert(agreement(subject, 80), propertyParameters(6));
  expect(await opened.store.stats()).toMatchObject({ series: 0 });
}
