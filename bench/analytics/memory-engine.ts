/**
 * `node --expose-gc bench/analytics/memory-engine.ts [COUNT]...`: the memory engine of analytics alone, in this process: how fast series are added, what they
 * take, and how fast questions are answered. Times are of the processor, all threads together, so that a busy machine disturbs less; wall times beside them.
 */

import type { Aggregate, BucketQuery } from "../../src/analytics-store/analytics-store.ts";
import { MemoryAnalyticsStore } from "../../src/analytics-store/memory/memory-analytics-store.ts";
import { systemClock } from "../../src/clock.ts";
import { type Question, questions } from "./questions.ts";
import { sampleBatches, yearEndMs, yearStartMs } from "./sample-series.ts";

const scope = { tenant: "bench" };
const dayMs = 86_400_000;

for (const count of process.argv.slice(2).map(Number)) await measure(count);

async function measure(count: number): Promise<void> {
  collect();
  const before = held();
  const store = new MemoryAnalyticsStore({
    clock: systemClock,
    bytesMax: 2 ** 40,
    report: (problem, cause) => console.error(problem, cause),
  });
  await store.init();
  const bytes = async (when: string): Promise<void> => {
    collect();
    const counted = (await store.stats()).bytes / count;
    const real = (held() - before) / count;
    console.log(`  ${real.toFixed(1)} bytes a value ${when}, ${counted.toFixed(1)} counted`);
  };
  const { cpu, wall } = await add(store, count);
  console.log(
    `\n${count} values: ${perSecond(count, cpu)} a second added (wall ${perSecond(count, wall)})`,
  );
  await bytes("as added");
  await askAll(store, count);
  await bytes("after the questions");
  await readAndDelete(store, count);
}

async function askAll(store: MemoryAnalyticsStore, count: number): Promise<void> {
  const rounds = count > 1_000_000 ? 20 : 200;
  const [monthly] = questions.map(queryOf) as [BucketQuery];
  for (const question of questions) {
    const query = queryOf(question);
    await time(question.name, () => store.query(scope, query), rounds);
  }
  const last = { ...monthly, boundaries: Float64Array.of(yearEndMs - 30 * dayMs, yearEndMs) };
  await time("the last 30 days, by one", () => store.query(scope, last), rounds);
  for (const functions of [["min", "max"], ["first", "last"], ["percentile"]] as const) {
    const aggregates: Aggregate[] = functions.map((of) => ({ function: of, percentile: 95 }));
    const query = { ...monthly, aggregates };
    await time(
      `monthly, by one, ${functions.join(" and ")}`,
      () => store.query(scope, query),
      rounds / 10,
    );
  }
}

async function readAndDelete(store: MemoryAnalyticsStore, count: number): Promise<void> {
  const [monthly] = questions.map(queryOf) as [BucketQuery];
  await time(
    "a page of 1000 by id",
    () => store.list(scope, {}, { afterId: count / 2, limit: 1000 }),
    10,
  );
  await time("span", () => store.span(scope, {}), 10);
  const filter = { sources: { include: ["ledger/7"], exclude: [] } };
  await time("delete 1 % (a source)", () => store.delete(scope, { filter }));
  await store.setRetention(scope, [{ ageMs: 335 * dayMs }]);
  await time("retention of 8 %, deleted", () => store.applyRetention(scope, yearEndMs));
  if (count > 1_000_000) return;
  await store.setRetention(scope, [{ ageMs: 150 * dayMs, rollUp: "monthly" }]);
  await time("retention of half, rolled up", () => store.applyRetention(scope, yearEndMs));
  await time("the same again", () => store.applyRetention(scope, yearEndMs));
  await time("monthly, by one, after that", () => store.query(scope, monthly), 20);
}

async function add(
  store: MemoryAnalyticsStore,
  count: number,
): Promise<{ cpu: number; wall: number }> {
  let [cpu, wall] = [0, 0];
  for (const series of sampleBatches(count)) {
    const [cpuBefore, wallBefore] = [process.cpuUsage(), performance.now()];
    await store.add(scope, { series });
    cpu += cpuMsSince(cpuBefore);
    wall += performance.now() - wallBefore;
  }
  return { cpu, wall };
}

/** The first time, which sorts and adds up, and the mean of some more. */
async function time(name: string, run: () => Promise<unknown>, rounds = 0): Promise<void> {
  const start = process.cpuUsage();
  await run();
  const first = cpuMsSince(start);
  const before = [process.cpuUsage(), performance.now()] as const;
  for (let round = 0; round < rounds; round++) await run();
  const cpu = cpuMsSince(before[0]) / rounds;
  const wall = (performance.now() - before[1]) / rounds;
  const rest = rounds === 0 ? "" : `, then ${cpu.toFixed(2)} ms (wall ${wall.toFixed(2)})`;
  console.log(`  ${name}: ${first.toFixed(1)} ms${rest}`);
}

function cpuMsSince(before: NodeJS.CpuUsage): number {
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}

function perSecond(count: number, ms: number): number {
  return Math.round((count * 1000) / ms);
}

function queryOf({ granularity, select }: Question): BucketQuery {
  return {
    filter: {},
    select: select.map(({ dimension, levels, path }) => ({
      dimension,
      levelOfDetail: levels,
      patterns: { include: path === undefined ? [] : [path], exclude: [] },
    })),
    boundaries: boundariesOf(granularity),
    boundary: "right_open",
    before: yearEndMs,
    aggregates: [],
    numbersMax: 10_000_000,
  };
}

function boundariesOf(granularity: Question["granularity"]): Float64Array {
  if (granularity === "total") return Float64Array.of(yearStartMs, yearEndMs);
  if (granularity === "monthly")
    return Float64Array.from({ length: 13 }, (_, month) => Date.UTC(2024, month));
  return Float64Array.from({ length: 367 }, (_, day) => yearStartMs + day * dayMs);
}

function held(): number {
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}

function collect(): void {
  for (let round = 0; round < 3; round++) globalThis.gc?.();
}
