import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ManualClock } from "../../../test/support/manual-clock.ts";
import { propertyParameters } from "../../../test/support/property.ts";
import type { NewSeries } from "../series.ts";
import { MemoryAnalyticsStore } from "./memory-analytics-store.ts";

const scope = { tenant: "a" };
const day = Date.UTC(2024, 0, 1);

interface Asked {
  readonly of: string | null;
  readonly from: number;
  readonly afterId: number;
  readonly limit: number;
}

/** A store with few rows to a chunk, and what it should hold, by id. */
class Life {
  readonly #store = new MemoryAnalyticsStore({
    ...{ clock: new ManualClock(), bytesMax: 2 ** 24, chunkRowsMax: 8, report: () => {} },
  });
  readonly #ready = this.#store.init();
  #expected: { readonly id: number; readonly source: string; readonly start: number }[] = [];

  async add(all: readonly { readonly source: string; readonly at: number }[]): Promise<void> {
    const given = all.map(({ source, at }) => ({ source, start: day + at }));
    const series = given.map((one): NewSeries => ({ ...one, metric: "m", value: 1 }));
    await this.#ready;
    const { firstId } = await this.#store.add(scope, { series });
    this.#expected.push(...given.map((one, at) => ({ id: firstId + at, ...one })));
  }

  async remove(source: string): Promise<void> {
    await this.#ready;
    await this.#store.delete(scope, { filter: { sources: { include: [source], exclude: [] } } });
    this.#expected = this.#expected.filter((one) => one.source !== source);
  }

  async read({ of, from, afterId, limit }: Asked): Promise<void> {
    await this.#ready;
    const filter = {
      from: day + from,
      ...(of !== null && { sources: { include: [of], exclude: [] } }),
    };
    const expected = this.#expected
      .filter(
        ({ id, source, start }) => id > afterId && start >= day + from && (of ?? source) === source,
      )
      .slice(0, limit);
    // At first rows are looked for, and later found by what was remembered.
    for (let time = 0; time < 3; time++) {
      const page = await this.#store.list(scope, filter, { afterId, limit });
      expect(page.map(({ id, source, start }) => ({ id, source, start }))).toEqual(expected);
    }
  }
}

const source = fc.constantFrom("a", "b", "c");
const steps = fc.array(
  fc.oneof(
    {
      weight: 3,
      arbitrary: fc
        .array(fc.record({ source, at: fc.nat(50) }), { minLength: 1, maxLength: 12 })
        .map((all) => (life: Life) => life.add(all)),
    },
    { weight: 1, arbitrary: source.map((one) => (life: Life) => life.remove(one)) },
    {
      weight: 4,
      arbitrary: fc
        .record({
          of: fc.option(source),
          from: fc.oneof(fc.constant(0), fc.nat(50)),
          afterId: fc.oneof(fc.constant(0), fc.nat(60)),
          limit: fc.integer({ min: 1, max: 20 }),
        })
        .map((asked) => (life: Life) => life.read(asked)),
    },
  ),
  { maxLength: 40, size: "max" },
);

describe("pages of series by id", () => {
  test("hold the first that are meant after an id, whatever came and went since the page before", async () => {
    const lives = fc.asyncProperty(steps, async (all) => {
      const life = new Life();
      for (const step of all) await step(life);
    });
    await fc.assert(lives, propertyParameters(100));
  });

  test("are counted for what is remembered of them, until that has changed", async () => {
    const store = new MemoryAnalyticsStore({
      ...{ clock: new ManualClock(), bytesMax: 2 ** 24, report: () => {} },
    });
    await store.init();
    const series = Array.from(
      { length: 1000 },
      (_, at): NewSeries => ({
        ...{ source: "a", metric: "m", start: day - at, value: 1 },
      }),
    );
    await store.add(scope, { series });
    const { bytes: before } = await store.stats();
    for (let time = 0; time < 2; time++) await store.list(scope, {}, { afterId: 0, limit: 10 });
    expect((await store.stats()).bytes).toBe(before + 4000);
    await store.delete(scope, { filter: { ids: [1] } });
    expect((await store.stats()).bytes).toBeLessThan(before + 1000);
  });
});
