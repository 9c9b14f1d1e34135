import { Kysely, PostgresDialect } from "kysely";
import { Pool } from "pg";
import { expect, onTestFinished, test } from "vitest";
import { PostgresAnalyticsStore } from "../../src/analytics-store/postgres/postgres-analytics-store.ts";
import { TiffinError } from "../../src/errors.ts";
import { ManualClock } from "../support/manual-clock.ts";
import { until } from "../support/until.ts";
import { describeWithPostgres } from "../support/with-postgres.ts";
import { newScope } from "./analytics-subject.ts";
import { refusal, series, valuesOf } from "./analytics-terms.ts";

describeWithPostgres("PostgreSQL, when something is wrong", (server) => {
  const opened = async (said: { readonly connectionString?: string } = {}) => {
    const clock = new ManualClock();
    const reports: string[] = [];
    const connectionString = said.connectionString ?? (await server().newDatabase());
    const store = new PostgresAnalyticsStore({
      ...{ connectionString, clock },
      report: (problem, cause) => void reports.push(`${problem}: ${cause}`),
    });
    onTestFinished(() => store.close());
    return { store, clock, reports, connectionString, scope: newScope() };
  };

  test("a database that is down is not reached, and goes on where it was when it is up", async () => {
    const { store, scope, clock } = await opened();
    await store.init();
    const first = await store.add(scope, { series: [series()] });
    const heard = new Set<string>();
    store.onChange((tenant) => heard.add(tenant));

    await server().down();
    const unreachable = { kind: "store_unreachable" };
    expect(await refusal(valuesOf(store, scope))).toMatchObject(unreachable);
    expect(await refusal(store.add(scope, { series: [series()] }))).toMatchObject(unreachable);
    expect(await refusal(store.stats())).toMatchObject(unreachable);

    await server().up();
    const second = await store.add(scope, { series: [series({ value: 2 })] });
    expect(second.revision).toBeGreaterThan(first.revision);
    expect(await valuesOf(store, scope)).toEqual([1, 2]);
    // Who listens may have missed something meanwhile.
    heard.clear();
    await until(() => {
      clock.advance(5000);
      return heard.has(scope.tenant);
    });
  });

  test("a database that is not there at the start is told of, and can be waited for", async () => {
    const connectionString = await server().newDatabase();
    await server().down();
    const { store, scope } = await opened({ connectionString });
    expect(await refusal(store.init())).toMatchObject({ kind: "store_unreachable" });
    await server().up();
    await store.init();
    await store.add(scope, { series: [series()] });
    expect(await valuesOf(store, scope)).toEqual([1]);
  });

  test("a connection that is lost while a write commits leaves its outcome unknown", async () => {
    const { store, connectionString, scope } = await opened();
    await store.init();
    // Ends its own connection just when it is to be committed.
    await server().run(
      `create function tiffin_analytics.die() returns trigger language plpgsql as
        $$ begin perform pg_terminate_backend(pg_backend_pid()); return null; end $$;
       create constraint trigger die after insert on tiffin_analytics.commit
        deferrable initially deferred for each row execute function tiffin_analytics.die()`,
      connectionString,
    );
    // It may be there: who watches has to look.
    const heard = new Set<string>();
    store.onChange((tenant) => heard.add(tenant));
    const lost = store.add(scope, { series: [series()] });
    expect(await refusal(lost)).toMatchObject({ kind: "outcome_unknown" });
    expect(heard).toContain(scope.tenant);
    await server().run("drop trigger die on tiffin_analytics.commit", connectionString);
    expect(await valuesOf(store, scope)).toEqual([]);
  });

  test("who listens is told of a commit whose caller went away while it was made", async () => {
    const caller = new AbortController();
    const store = new PostgresAnalyticsStore({
      ...{ connectionString: await server().newDatabase(), clock: new ManualClock() },
      report: () => {},
      // The last statement is answered: COMMIT is sent next, and then the caller goes.
      resultsLogger: (_, rows) => {
        const isLast = rows.some((row) => Object.hasOwn(row as object, "pg_notify"));
        if (isLast) setImmediate(() => caller.abort());
      },
    });
    onTestFinished(() => store.close());
    await store.init();
    const { signal } = caller;
    const scope = newScope();
    let heard = false;
    store.onChange(() => {
      heard = true;
    });
    const added = store.add({ ...scope, signal }, { series: [series()] });
    expect(await refusal(added)).toMatchObject({ kind: "cancelled" });
    await until(() => heard);
    expect(await valuesOf(store, scope)).toEqual([1]);
  });

  test("a deadlock or a failed serialization is tried again, and given up after a while", async () => {
    const { store, connectionString, scope } = await opened();
    await store.init();
    await store.add(scope, { series: [series()] });
    const failing = (times: number): string => `
      create sequence tiffin_analytics.failures;
      create function tiffin_analytics.fail() returns trigger language plpgsql as $$ begin
        if nextval('tiffin_analytics.failures') <= ${times} then
          raise exception 'once more' using errcode = '40001';
        end if; return new; end $$;
      create trigger fail before insert on tiffin_analytics.series
        for each statement execute function tiffin_analytics.fail()`;
    await server().run(failing(2), connectionString);
    await store.add(scope, { series: [series({ value: 2 })] });
    expect(await valuesOf(store, scope)).toEqual([1, 2]);
    await server().run("select setval('tiffin_analytics.failures', 1, false)", connectionString);
    await server().run(
      "alter sequence tiffin_analytics.failures increment 1 minvalue -1000 restart -1000",
      connectionString,
    );
    const given = store.add(scope, { series: [series()] });
    expect(await refusal(given)).toMatchObject({ kind: "contention" });
  });

  test("a caller who goes away is not kept waiting, and what it waited for is not done", async () => {
    const { store, connectionString, scope } = await opened();
    await store.init();
    await store.add(scope, { series: [series()] });
    const pool = new Pool({ connectionString });
    onTestFinished(() => pool.end());
    const holder = await pool.connect();
    onTestFinished(() => holder.release());
    await holder.query("begin; select * from tiffin_analytics.tenant for update");
    const waiting = async (): Promise<boolean> => {
      const rows = await server().run(
        "select 1 from pg_stat_activity where wait_event_type = 'Lock'",
        connectionString,
      );
      return rows.length > 0;
    };
    const abort = new AbortController();
    const added = store.add({ ...scope, signal: abort.signal }, { series: [series({ value: 2 })] });
    const refused = refusal(added);
    await until(waiting);
    abort.abort();
    expect(await refused).toMatchObject({ kind: "cancelled" });
    await until(async () => !(await waiting()));
    await holder.query("rollback");
    expect(await valuesOf(store, scope)).toEqual([1]);
  });

  test("many writers of one tenant leave connections for others", async () => {
    const { store, connectionString, scope } = await opened();
    await store.init();
    await store.add(scope, { series: [series()] });
    const pool = new Pool({ connectionString });
    onTestFinished(() => pool.end());
    const holder = await pool.connect();
    onTestFinished(() => holder.release());
    await holder.query("begin; select * from tiffin_analytics.tenant for update");
    const abort = new AbortController();
    const waiting = Array.from({ length: 30 }, () =>
      refusal(store.add({ ...scope, signal: abort.signal }, { series: [series()] })),
    );
    expect(await valuesOf(store, scope)).toEqual([1]);
    abort.abort();
    const cancelled = await Promise.all(waiting);
    expect(cancelled.every(({ kind }) => kind === "cancelled")).toBe(true);
    await holder.query("rollback");
    await store.add(scope, { series: [series({ value: 2 })] });
    expect(await valuesOf(store, scope)).toEqual([1, 2]);
  });

  test("a deadline ends the wait for a lock", async () => {
    const { store, connectionString, scope, clock } = await opened();
    await store.init();
    await store.add(scope, { series: [series()] });
    const pool = new Pool({ connectionString });
    onTestFinished(() => pool.end());
    const holder = await pool.connect();
    onTestFinished(() => holder.release());
    await holder.query("begin; select * from tiffin_analytics.tenant for update");
    const late = { ...scope, deadline: clock.now() + 1000 };
    const refused = refusal(store.add(late, { series: [series()] }));
    await until(() => clock.timers > 0);
    clock.advance(1000);
    expect(await refused).toMatchObject({ kind: "deadline_exceeded" });
    expect(await refusal(valuesOf(store, late))).toMatchObject({ kind: "deadline_exceeded" });
    await holder.query("rollback");
    expect(await valuesOf(store, scope)).toEqual([1]);
  });

  test("tables of a newer version are refused, saying so", async () => {
    const { store, connectionString } = await opened();
    await store.init();
    await server().run("update tiffin_analytics.version set version = 99", connectionString);
    const { store: older } = await opened({ connectionString });
    await expect(older.init()).rejects.toThrow(/has version 99, and this program knows \d+/);
  });

  test("no error, report or text of one tells the password", async () => {
    const password = "open-sesame-4711";
    const urls = [
      `postgres://postgres:${password}@127.0.0.1:1/nowhere`,
      `postgres://postgres:${password}@127.0.0.1:99999/nowhere`,
      `postgres://postgres:${password}@[::bad/nowhere`,
      server().urlOf("nowhere").replace("postgres@", `postgres:${password}@`),
    ];
    for (const connectionString of urls) {
      const { store, reports } = await opened({ connectionString });
      const error = await store.init().then(
        () => undefined,
        (thrown: unknown) => thrown,
      );
      expect(error, connectionString).toBeInstanceOf(Error);
      expect(allOf(error) + reports.join()).not.toContain(password);
    }
  });

  test("a Kysely that is given is used, and left open", async () => {
    const connectionString = await server().newDatabase();
    const pool = new Pool({ connectionString });
    const kysely = new Kysely<never>({ dialect: new PostgresDialect({ pool }) });
    onTestFinished(() => kysely.destroy());
    const clock = new ManualClock();
    const store = new PostgresAnalyticsStore({ kysely, clock, report: () => {} });
    await store.init();
    await store.add({ tenant: "t" }, { series: [series()] });
    await store.close();
    expect((await pool.query("select value from tiffin_analytics.series")).rows).toHaveLength(1);
    expect(await refusal(valuesOf(store, { tenant: "t" }))).toMatchObject({
      kind: "shutting_down",
    });
  });
});

/** Whatever a log may print of an error. */
function allOf(error: unknown): string {
  if (!(error instanceof Error)) return JSON.stringify(error) ?? "";
  const own = Object.getOwnPropertyNames(error).map((name) => error[name as keyof Error]);
  const details = error instanceof TiffinError ? JSON.stringify(error.details) : "";
  const texts = own.map((one) => (one instanceof Error ? allOf(one) : (JSON.stringify(one) ?? "")));
  return [String(error), error.stack, details, ...texts].join("\n");
}
