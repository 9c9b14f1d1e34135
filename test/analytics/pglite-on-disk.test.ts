import { spawnSync } from "node:child_process";
import { symlinkSync } from "node:fs";
import { join } from "node:path";
import { PGlite } from "@electric-sql/pglite";
import { expect, onTestFinished, test } from "vitest";
import { PgliteAnalyticsStore } from "../../src/analytics-store/pglite/pglite-analytics-store.ts";
import { ManualClock } from "../support/manual-clock.ts";
import { projectRoot } from "../support/project-files.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";
import { until } from "../support/until.ts";
import { refusal, series, totals, under, valuesOf } from "./analytics-terms.ts";

const scope = { tenant: "t" };
const openOn = (directory: string, clock = new ManualClock()): PgliteAnalyticsStore =>
  new PgliteAnalyticsStore({ directory, clock, report: () => {} });

test("a folder keeps series, paths, rules, requests and revisions over a restart", async () => {
  const folder = join(temporaryFolder(), "made", "anew");
  const clock = new ManualClock();
  const batch = { series: [under("a", 1), under("b", 2)], request: { id: "r", digest: "d" } };
  const first = openOn(folder, clock);
  await first.init();
  const added = await first.add(scope, batch);
  await first.updateDimension(scope, { dimension: "project", path: "a", label: "A" });
  await first.setRetention(scope, [{ count: 10 }]);
  await first.close();

  const second = openOn(folder, clock);
  onTestFinished(() => second.close());
  await second.init();
  expect(await totals(second, scope)).toEqual({ a: 1, b: 2 });
  expect(await second.describe(scope, [{ dimension: "project", path: "a" }])).toMatchObject([
    { label: "A" },
  ]);
  expect(await second.retention(scope)).toEqual([{ count: 10 }]);
  expect(await second.add(scope, batch)).toEqual({ ...added, replayed: true });
  clock.stepBack(60_000);
  const later = await second.add(scope, { series: [under("b", 4)] });
  expect(later.firstId).toBe(added.firstId + 2);
  expect(later.revision).toBeGreaterThan(added.revision);
  const { commits } = await second.changes(scope, { after: added.revision, limit: 10 });
  expect(commits.map(({ revision }) => revision)).toEqual([later.revision]);
}, 60_000);

test("a folder that is open is refused, in this process and in others, until it is closed", async () => {
  const folder = temporaryFolder();
  const store = openOn(join(folder, "data"));
  await store.init();
  await expect(openOn(join(folder, "data")).init()).rejects.toThrow(/this process already/);
  const program = `
    import { PgliteAnalyticsStore } from "./src/analytics-store/pglite/pglite-analytics-store.ts";
    import { systemClock } from "./src/clock.ts";
    const store = new PgliteAnalyticsStore({ directory: process.argv[1], clock: systemClock, report() {} });
    try { await store.init(); await store.close(); console.log("open"); }
    catch (error) { console.log(error.message); }`;
  const other = (): string => {
    const args = ["--input-type=module", "--eval", program, join(folder, "data")];
    return spawnSync(process.execPath, args, { cwd: projectRoot, encoding: "utf8" }).stdout;
  };
  expect(other()).toMatch(new RegExp(`process ${process.pid} on .* has it open`));
  expect(await valuesOf(store, scope)).toEqual([]);
  await store.close();
  expect(other()).toBe("open\n");
}, 90_000);

test("a folder that is open is refused by another name of it, too", async () => {
  const folder = temporaryFolder();
  const store = openOn(join(folder, "data"));
  onTestFinished(() => store.close());
  await store.init();
  symlinkSync("data", join(folder, "link"));
  await expect(openOn(join(folder, "link")).init()).rejects.toThrow(/this process already/);
}, 60_000);

test("a store that is closed while it opens gives its folder back, and can be opened again", async () => {
  const folder = join(temporaryFolder(), "data");
  const store = openOn(folder);
  const opening = store.init();
  await Promise.all([store.close(), store.close(), opening]);
  const next = openOn(folder);
  await next.init();
  await next.add(scope, { series: [series()] });
  await next.close();
  await store.init();
  expect(await valuesOf(store, scope)).toEqual([1]);
  await store.close();
  await store.close();
}, 60_000);

test("a PGlite that is given is shared, heard through, and left open", async () => {
  const pglite = await PGlite.create();
  onTestFinished(() => pglite.close());
  const statements = new Map<number, string>();
  const answered = new Map<number, number>();
  const open = () =>
    new PgliteAnalyticsStore({
      ...{ clock: new ManualClock(), report: () => {}, pgliteFactory: async () => pglite },
      queryLogger: (index, sql) => void statements.set(index, sql),
      resultsLogger: (index, rows) => void answered.set(index, rows.length),
    });
  const [one, other] = [open(), open()];
  await Promise.all([one.init(), other.init()]);
  await one.init();
  const heard: string[] = [];
  other.onChange((tenant) => heard.push(tenant));
  await one.add(scope, { series: [series(), series({ value: 2 })] });
  await until(() => heard.includes("t"));
  expect(await valuesOf(other, scope)).toEqual([1, 2]);
  const [index] = [...statements].findLast(([, sql]) => sql.includes("order by id limit")) ?? [-1];
  expect(answered.get(index)).toBe(2);
  await one.close();
  await other.close();
  expect(pglite.closed).toBe(false);
  expect((await pglite.query("select 1 as one")).rows).toEqual([{ one: 1 }]);
  expect(await refusal(valuesOf(one, scope))).toMatchObject({ kind: "shutting_down" });
}, 60_000);

test("sums that are no doubles are infinite, not an error", async () => {
  const store = new PgliteAnalyticsStore({ clock: new ManualClock(), report: () => {} });
  onTestFinished(() => store.close());
  await store.init();
  const value = Number.MAX_VALUE;
  await store.add(scope, { series: [under("a", value), under("a", value), under("b", 1)] });
  expect(await totals(store, scope)).toEqual({ a: Number.POSITIVE_INFINITY, b: 1 });
}, 60_000);
