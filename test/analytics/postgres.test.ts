import { afterAll, beforeAll } from "vitest";
import { PostgresAnalyticsStore } from "../../src/analytics-store/postgres/postgres-analytics-store.ts";
import { ManualClock } from "../support/manual-clock.ts";
import { commandFor, testNeeding } from "../support/needs.ts";
import { PostgresServer } from "../support/postgres-server.ts";
import { describeAnalyticsContract } from "./analytics-contract.ts";

const clock = new ManualClock();
let server: PostgresServer;
let store: PostgresAnalyticsStore;

if (commandFor("postgres") === undefined) {
  testNeeding(["postgres"], "PostgreSQL keeps the analytics contract", () => {});
} else {
  beforeAll(async () => {
    server = await PostgresServer.start();
    const connectionString = await server.newDatabase();
    store = new PostgresAnalyticsStore({ connectionString, clock, report: () => {} });
    await store.init();
  }, 60_000);
  afterAll(async () => {
    await store.close();
    await server[Symbol.asyncDispose]();
  });

  describeAnalyticsContract({ name: "PostgreSQL", open: async () => ({ store, clock }) });
}
