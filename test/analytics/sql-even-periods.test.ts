import fc from "fast-check";
import { expect, onTestFinished, test } from "vitest";
import { PgliteAnalyticsStore } from "../../src/analytics-store/pglite/pglite-analytics-store.ts";
import { ManualClock } from "../support/manual-clock.ts";
import { propertyParameters } from "../support/property.ts";
import { newScope } from "./analytics-subject.ts";
import { ask, at, series } from "./analytics-terms.ts";
import { NaiveAnalyticsStore } from "./naive-analytics-store.ts";

/** Mostly near the first. */
const numbers = fc.oneof(fc.integer({ min: -2, max: 2 }), fc.integer({ min: -3, max: 400 }));

/** Periods of one length: how many, which, since when, and how far the question's end is from the last one's. */
const questions = fc.record({
  length: fc.constantFrom(1, 999, 3_600_000, 86_400_000),
  periods: fc.constantFrom(31, 48, 366),
  first: fc.constantFrom(
    "1969-12-31T22:00Z",
    "1970-01-01",
    "2024-02-29",
    "2024-03-01T00:00:00.001Z",
  ),
  further: fc.constantFrom(0, 1, 100_000_000_000),
  boundary: fc.constantFrom("right_open" as const, "left_open" as const),
  // From the first boundary on, in periods, and a little beside.
  starts: fc.array(fc.tuple(numbers, fc.constantFrom(-1, 0, 1)), {
    minLength: 1,
    maxLength: 40,
  }),
});

test("many periods as long as each other are told apart to the millisecond", async () => {
  const clock = new ManualClock();
  // The past is remembered of however few series, and what is read begins with a month.
  const store = new PgliteAnalyticsStore({ clock, pastSeriesMin: 0, report: () => {} });
  onTestFinished(() => store.close());
  await store.init();
  const property = fc.asyncProperty(questions, async (one) => {
    const first = at(one.first);
    const boundaries = Array.from({ length: one.periods + 1 }, (_, n) => first + n * one.length);
    const batch = one.starts.map(([periods, beside], index) =>
      series({ start: first + periods * one.length + beside, value: index + 1 }),
    );
    const { boundary, further } = one;
    const asked = { boundaries, boundary, before: (boundaries.at(-1) as number) + further };
    const answers = [store, new NaiveAnalyticsStore(clock)].map(async (engine) => {
      const scope = newScope();
      await engine.add(scope, { series: batch });
      return (await ask(engine, scope, { ...asked, select: [] })).groups;
    });
    const [own, naive] = await Promise.all(answers);
    expect(own).toEqual(naive);
  });
  await fc.assert(property, propertyParameters(60));
}, 120_000);
