import { describe, expect, test } from "vitest";
import { ManualClock } from "../../../test/support/manual-clock.ts";
import type { NewSeries } from "../series.ts";
import { MemoryAnalyticsStore } from "./memory-analytics-store.ts";

const scope = { tenant: "a" };
const day = Date.UTC(2024, 0, 1);

const series = (count: number, said: Partial<NewSeries> = {}): NewSeries[] =>
  Array.from({ length: count }, (_, at) => ({
    ...{ source: "s", metric: "m", start: day + at, value: 1, dimensions: { d: "x/y" } },
    ...said,
  }));

async function open(bytesMax: number, chunkRowsMax?: number): Promise<MemoryAnalyticsStore> {
  const clock = new ManualClock();
  const store = new MemoryAnalyticsStore({ clock, bytesMax, chunkRowsMax, report: () => {} });
  await store.init();
  return store;
}

describe("a full store of series in memory", () => {
  test("refuses a batch that does not fit, and is as it was before", async () => {
    const store = await open(400_000);
    await store.add(scope, { series: series(1000) });
    const before = await store.stats();
    const head = await store.changes(scope, { limit: 1 });
    const batch = series(10_000, { source: "t", dimensions: { e: "new" } });
    await expect(store.add(scope, { series: batch })).rejects.toMatchObject({
      ...{ kind: "store_full", details: { metadata: { max: "400000" } } },
    });
    expect(await store.stats()).toEqual(before);
    expect(await store.changes(scope, { limit: 1 })).toEqual(head);
    expect(await store.names(scope, { of: "source", limit: 9 })).toEqual(["s"]);
    expect(await store.dimensions(scope, { dimension: "e", limit: 9 })).toEqual([]);
  });

  test("takes a batch of what it knows where one of as many new names would not fit", async () => {
    const store = await open(400_000);
    await store.add(scope, { series: series(1) });
    await store.add(scope, { series: series(2000) });
    const named = series(2000).map((one, at) => ({ ...one, dimensions: { d: `x/${at}` } }));
    await expect(store.add({ tenant: "b" }, { series: named })).rejects.toMatchObject({
      kind: "store_full",
    });
  });

  test("has room again for what was deleted, by whatever tenant", async () => {
    const store = await open(400_000);
    await store.add({ tenant: "b" }, { series: series(6000) });
    await expect(store.add(scope, { series: series(6000) })).rejects.toMatchObject({
      kind: "store_full",
    });
    await store.delete({ tenant: "b" }, { filter: {} });
    await store.add(scope, { series: series(6000) });
    await store.deleteTenant("a");
    await store.deleteTenant("b");
    expect(await store.stats()).toEqual({ series: 0, bytes: 0 });
  });

  test("takes no more than it may, though each row of a batch begins in another full chunk", async () => {
    const bytesMax = 3_600_000;
    const store = await open(bytesMax, 4096);
    const startingAt = (starts: readonly number[]) =>
      starts.map((start) => ({ ...{ source: "s", metric: "m", value: 1 }, start }));
    for (let chunk = 0; chunk < 24; chunk++) {
      const inOrder = Array.from({ length: 4096 }, (_, at) => 10 * (chunk * 4096 + at));
      await store.add(scope, { series: startingAt(inOrder) });
    }
    const between = Array.from({ length: 24 }, (_, at) => 10 * (at * 4096 + 100) + 5);
    const apart = store.add(scope, { series: startingAt(between) });
    await expect(apart).rejects.toMatchObject({ kind: "store_full" });
    await store.add(scope, { series: startingAt(between.slice(0, 8)) });
    expect((await store.stats()).bytes).toBeLessThanOrEqual(bytesMax);
  });

  test("takes no more than it may when paths come again that were forgotten", async () => {
    const bytesMax = 4_000_000;
    const store = await open(bytesMax);
    const named = series(700).map((one, at) => ({
      ...{ ...one, dimensions: { d: `${at}`.padEnd(1000, "x") } },
    }));
    await store.add(scope, { series: named });
    await store.delete(scope, { filter: {}, clearEmptyDimensions: true });
    const full = Array.from({ length: 1000 }, () => store.add(scope, { series: series(1000) }));
    expect((await Promise.allSettled(full)).at(-1)?.status).toBe("rejected");
    await expect(store.add(scope, { series: named.slice(0, 500) })).rejects.toMatchObject({
      kind: "store_full",
    });
    expect((await store.stats()).bytes).toBeLessThanOrEqual(bytesMax);
  });

  test("counts tenants that have next to nothing", async () => {
    const store = await open(100_000);
    const added = Array.from({ length: 20 }, (_, at) =>
      store.add({ tenant: `t${at}` }, { series: series(1) }),
    );
    expect((await Promise.allSettled(added)).at(-1)?.status).toBe("rejected");
    expect((await store.stats()).bytes).toBeLessThanOrEqual(100_000);
  });

  test("takes little more when it is asked, though there are as many cells as rows in a chunk", async () => {
    const store = await open(2 ** 30, 1024);
    const named = series(8192).map((one, at) => ({ ...one, dimensions: { d: `${at % 1024}` } }));
    await store.add(scope, { series: named });
    const { bytes } = await store.stats();
    const { groups } = await store.query(scope, {
      ...{ filter: {}, select: [], boundary: "right_open", aggregates: [], numbersMax: 100 },
      ...{ boundaries: Float64Array.of(day, day + 8192), before: day + 8192 },
    });
    expect(groups[0]?.change[0]).toBe(8192);
    expect((await store.stats()).bytes - bytes).toBeLessThan(8192 * 6);
  });

  test("refuses to say more of paths than fits", async () => {
    const store = await open(100_000);
    const say = (path: string, description: string) =>
      store.updateDimension(scope, { dimension: "d", path, description });
    const sayMore = async (): Promise<void> => {
      for (let at = 0; at < 1000; at++) await say(`p${at}`, "x".repeat(4000));
    };
    await expect(sayMore()).rejects.toMatchObject({ kind: "store_full" });
    expect((await store.stats()).bytes).toBeLessThanOrEqual(100_000);
    await say("p0", "");
  });

  test("counts the names that it has to keep when their series are gone", async () => {
    const store = await open(2 ** 30);
    const own = (at: number) => `${at}`.padEnd(500, "x");
    const named = series(100).map((one, at) => ({
      ...{ ...one, source: own(at) },
      dimensions: { d: own(at), [own(at).slice(0, 200)]: "a" },
    }));
    await store.add(scope, { series: named });
    await store.delete(scope, { filter: {}, clearEmptyDimensions: true });
    expect((await store.stats()).bytes).toBeGreaterThan(100 * 2 * (500 + 500 + 200));
    // And so it is full at some time, whoever adds and deletes.
    const small = await open(400_000);
    const fill = async (): Promise<void> => {
      for (let round = 0; round < 1000; round++) {
        const again = named.slice(0, 10).map((one) => ({ ...one, metric: `m${round}` }));
        await small.add(scope, { series: again });
        await small.delete(scope, { filter: {}, clearEmptyDimensions: true });
      }
    };
    await expect(fill()).rejects.toMatchObject({ kind: "store_full" });
    expect((await small.stats()).bytes).toBeLessThanOrEqual(400_000);
  });

  test("counts what series say beside their numbers", async () => {
    const store = await open(2 ** 30);
    await store.add(scope, { series: series(100) });
    const { bytes } = await store.stats();
    await store.add(scope, { series: series(100, { params: { note: "n".repeat(1000) } }) });
    expect((await store.stats()).bytes - bytes).toBeGreaterThan(100 * 1000);
  });
});

describe("a store of series in memory", () => {
  test("reports a listener that throws, and tells the others", async () => {
    const problems: unknown[] = [];
    const store = new MemoryAnalyticsStore({
      ...{ clock: new ManualClock(), bytesMax: 2 ** 30 },
      report: (_, cause) => problems.push(cause),
    });
    await store.init();
    const told: string[] = [];
    const error = new Error("a listener's own");
    store.onChange(() => {
      throw error;
    });
    store.onChange((tenant) => told.push(tenant));
    await store.add(scope, { series: series(1) });
    expect(problems).toEqual([error]);
    expect(told).toEqual(["a"]);
  });

  test("stores what it has checked, though it is another number when it is read again", async () => {
    const store = await open(2 ** 30);
    await store.add(scope, { series: series(1) });
    let reads = 0;
    const odd = Object.defineProperty({ ...series(1)[0] } as NewSeries, "value", {
      get: () => (reads++ === 0 ? 2 : Number.NaN),
    });
    await store.add(scope, { series: [odd] });
    const listed = await store.list(scope, {}, { afterId: 0, limit: 2 });
    expect(listed.map(({ value }) => value)).toEqual([1, 2]);
  });

  test("keeps params as they were given, whatever becomes of the object they were given in", async () => {
    const store = await open(2 ** 30);
    const params = { notes: ["first"] };
    await store.add(scope, { series: series(1, { params }) });
    params.notes.push("second");
    const list = () => store.list(scope, {}, { afterId: 0, limit: 1 });
    const [listed] = await list();
    expect(listed?.params).toEqual({ notes: ["first"] });
    Object.assign(listed?.params ?? {}, { notes: [] });
    expect((await list())[0]?.params).toEqual({ notes: ["first"] });
  });

  test("keeps nothing of tenants that were only asked about", async () => {
    const store = await open(2 ** 30);
    await store.changes(scope, { limit: 1 });
    await store.names(scope, { of: "metric", limit: 1 });
    expect(await store.stats()).toEqual({ series: 0, bytes: 0 });
  });

  test("begins a tenant that is made again above all revisions that it had, though the clock stepped back", async () => {
    const clock = new ManualClock();
    const store = new MemoryAnalyticsStore({ clock, bytesMax: 2 ** 30, report: () => {} });
    await store.init();
    const { revision } = await store.add(scope, { series: series(1) });
    await store.deleteTenant("a");
    clock.stepBack(1000);
    expect((await store.add(scope, { series: series(1) })).revision).toBeGreaterThan(revision);
    await expect(store.changes(scope, { after: revision, limit: 1 })).rejects.toMatchObject({
      kind: "history_gone",
    });
  });
});
