import { PGlite } from "@electric-sql/pglite";
import { Kysely, PostgresDialect } from "kysely";
import { Pool } from "pg";
import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";
import { MemoryAnalyticsStore } from "../../src/analytics-store/memory/memory-analytics-store.ts";
import { PgliteAnalyticsStore } from "../../src/analytics-store/pglite/pglite-analytics-store.ts";
import { PostgresAnalyticsStore } from "../../src/analytics-store/postgres/postgres-analytics-store.ts";
import { statementLoggers } from "../../src/analytics-store/sql/statement-loggers.ts";
import { ManualClock } from "../support/manual-clock.ts";
import { describeWithPostgres } from "../support/with-postgres.ts";
import { newScope } from "./analytics-subject.ts";
import { ask, under } from "./analytics-terms.ts";
import { describeStoreProfilers } from "./library-listeners.ts";
import { describeOpening } from "./library-opening.ts";

let pglite: PGlite;
beforeAll(async () => {
  pglite = await PGlite.create();
}, 60_000);
afterAll(() => pglite.close());
const pgliteFactory = async (): Promise<PGlite> => pglite;

describeStoreProfilers("memory", (o) => new MemoryAnalyticsStore({ ...o, bytesMax: 2 ** 24 }));
describeStoreProfilers("PGlite", (o) => new PgliteAnalyticsStore({ ...o, pgliteFactory }));
describeOpening("memory", (o) => new MemoryAnalyticsStore({ ...o, bytesMax: 2 ** 24 }));
describeOpening("PGlite", (o) => new PgliteAnalyticsStore({ ...o, pgliteFactory }));

describeWithPostgres("a given Kysely over PostgreSQL", (server) => {
  let kysely: Kysely<unknown>;
  beforeAll(async () => {
    const pool = new Pool({ connectionString: await server().newDatabase() });
    kysely = new Kysely({ dialect: new PostgresDialect({ pool }) });
  });
  afterAll(() => kysely.destroy());

  describeStoreProfilers("PostgreSQL", (o) => new PostgresAnalyticsStore({ ...o, kysely }));
  describeOpening("PostgreSQL", (o) => new PostgresAnalyticsStore({ ...o, kysely }));
});

test("a profiler that wants no plan costs no statement of its own", async () => {
  const statements: string[] = [];
  const store = new PgliteAnalyticsStore({
    ...{ clock: new ManualClock(), report: () => {}, pgliteFactory },
    queryLogger: (_, sql) => void statements.push(sql),
  });
  onTestFinished(() => store.close());
  await store.init();
  const scope = newScope();
  await store.add(scope, { series: [under("a", 1)] });
  const explained = async (profiler: { stage(): void; plan?(): void }): Promise<boolean> => {
    statements.length = 0;
    await ask(store, scope, { profiler });
    return statements.some((sql) => sql.startsWith("explain"));
  };
  expect(await explained({ stage() {} })).toBe(false);
  expect(await explained({ stage() {}, plan() {} })).toBe(true);
});

test("statements that fail are forgotten by who tells of them when they are answered", () => {
  const told: string[] = [];
  const { queryLogger, resultsLogger } = statementLoggers((sql) => void told.push(sql));
  for (let index = 0; index <= 1000; index++) queryLogger?.(index, `statement ${index}`);
  for (const index of [0, 1, 1000]) resultsLogger?.(index, []);
  expect(told).toEqual(["", "statement 1", "statement 1000"]);
});
