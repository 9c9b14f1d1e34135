import { spawnSync } from "node:child_process";
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { build } from "../scripts/build.ts";
import { filesBelow, projectRoot } from "./support/project-files.ts";
import { startServerProcess } from "./support/server-process.ts";

let folder: string;
let output: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "tiffin-build-"));
  output = join(folder, "dist");
  symlinkSync(join(projectRoot, "node_modules"), join(folder, "node_modules"));
  cpSync(join(projectRoot, "package.json"), join(folder, "package.json"));
  build(output);
}, 60_000);
afterAll(() => rmSync(folder, { recursive: true }));

test("the build is JavaScript with declarations, without tests", () => {
  const sources = filesBelow("src").filter((path) => /(?<!\.test)\.ts$/.test(path));
  for (const path of sources) {
    const base = join(output, path.slice(0, -".ts".length));
    expect(readFileSync(`${base}.js`, "utf8")).not.toMatch(/"\.{1,2}\/[^"]*\.ts"/);
    expect(readFileSync(`${base}.d.ts`, "utf8")).toBeTypeOf("string");
  }
  expect(() => readFileSync(join(output, "src/store/decorators/keyed-locks.test.js"))).toThrow();
});

test("the built server starts without stripping types, and answers", async () => {
  await using server = await startServerProcess(join(output, "src/main.js"), {
    cwd: folder,
    nodeOptions: ["--no-experimental-strip-types"],
  });
  const call = async (method: string, body: object): Promise<unknown> => {
    const response = await fetch(`http://${server.http}/tiffin.kv.v1.KeyValueService/${method}`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(body),
    });
    return await response.json();
  };
  await call("Set", { key: "built", value: { text: "and running" } });
  expect(await call("Get", { key: "built" })).toMatchObject({
    entry: { value: { text: "and running" } },
  });
});

test("the declarations carry types, those of the contract included", () => {
  const consumer = join(folder, "consumer.mts");
  writeFileSync(consumer, consumerText);
  const tsc = join(projectRoot, "node_modules/.bin/tsc");
  const options = ["--noEmit", "--strict", "--skipLibCheck", "--module", "nodenext"];
  const { stdout } = spawnSync(tsc, [...options, consumer], { cwd: folder, encoding: "utf8" });
  expect(stdout).toBe("");
});

test("the stores of analytics are imported by the package's name, and need no server", () => {
  const program = join(folder, "library.mjs");
  writeFileSync(program, libraryText);
  const options = ["--no-experimental-strip-types", program];
  const { stdout, stderr } = spawnSync(process.execPath, options, {
    cwd: folder,
    encoding: "utf8",
  });
  expect(stderr).toBe("");
  expect(stdout).toBe(
    "PgliteAnalyticsStore PostgresAnalyticsStore 1704067200000 invalid_field 0\n",
  );
});

/** What could not be resolved is `any`, which would have everything; so an error is expected where one must be. */
const consumerText = `
import type { App } from "./dist/src/app.js";
import type { createKeyValueService } from "./dist/src/kv/key-value-service.js";
declare const app: App;
declare const service: ReturnType<typeof createKeyValueService>;
export const address: string | undefined = app.addresses.grpc[0];
export const get = service.get;
// @ts-expect-error
app.nothing;
// @ts-expect-error
service.nothing;

import type { AnalyticsStore, Profiler, StoreProfiler } from "tiffin/analytics";
import { PgliteAnalyticsStore } from "tiffin/analytics/pglite";
import { systemClock } from "tiffin/clock";
export const store: AnalyticsStore = new PgliteAnalyticsStore({
  clock: systemClock,
  report: (problem: string) => problem,
  queryLogger: (index: number, sql: string) => sql,
  profiler: { stage: (name: string, ms: number, query: number) => name },
});
export const profilers: [Profiler, StoreProfiler] = [{ stage() {} }, { stage() {} }];
// @ts-expect-error
profilers[0].nothing;
// @ts-expect-error
new PgliteAnalyticsStore({ clock: systemClock });
// @ts-expect-error
store.nothing;
`;

const libraryText = `
import { MemoryAnalyticsStore } from "tiffin/analytics/memory";
import { PgliteAnalyticsStore } from "tiffin/analytics/pglite";
import { PostgresAnalyticsStore } from "tiffin/analytics/postgres";
import { systemClock } from "tiffin/clock";
import { TiffinError } from "tiffin/errors";
const profiled = new Set();
const profiler = { stage: (name, ms, query) => profiled.add(query), plan() {} };
const store = new MemoryAnalyticsStore({ clock: systemClock, bytesMax: 1e6, report() {}, profiler });
await store.init();
const series = { source: "s", metric: "m", start: Date.UTC(2024, 0, 1), value: 1 };
await store.add({ tenant: "t" }, { series: [series] });
const { span: { firstStart } } = await store.span({ tenant: "t" }, {});
const refused = await store.add({ tenant: "t" }, { series: [{ ...series, value: NaN }] }).catch((error) => error);
const boundaries = Float64Array.of(firstStart, firstStart + 1);
const asked = { filter: {}, select: [], boundaries, boundary: "right_open", before: boundaries[1], aggregates: [], numbersMax: 100 };
await store.query({ tenant: "t" }, asked);
console.log(PgliteAnalyticsStore.name, PostgresAnalyticsStore.name, firstStart, refused instanceof TiffinError && refused.kind, ...profiled);
`;
