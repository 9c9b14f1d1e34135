import fc from "fast-check";
import { expect } from "vitest";
import type {
  AnalyticsStore,
  BucketAnswer,
  BucketQuery,
  GroupColumns,
  Scope,
  SeriesFilter,
} from "../../src/analytics-store/analytics-store.ts";
import type { NewSeries, StoredSeries } from "../../src/analytics-store/series.ts";
import { TiffinError } from "../../src/errors.ts";
import { type AnalyticsUnderTest, newScope } from "./analytics-subject.ts";
import { type LifeStep, lives } from "./life-arbitraries.ts";
import { NaiveAnalyticsStore } from "./naive-analytics-store.ts";

/** A store and the ids that it gave, in the order of adding. */
interface Side {
  readonly store: AnalyticsStore;
  readonly scope: Scope;
  readonly ids: number[];
}

interface Sides {
  readonly engine: Side;
  readonly naive: Side;
  /** The naive store with every value taken as positive: how much was added up, whatever the sum. */
  readonly magnitudes: Side;
}

/** An engine and the naive store, told the same, answer the same at every step. */
export const agreement = (
  subject: AnalyticsUnderTest,
  stepsMax: number,
): fc.IAsyncProperty<[readonly LifeStep[]]> =>
  fc.asyncProperty(lives(stepsMax), (life) => expectAgreement(subject, life));

async function expectAgreement(
  subject: AnalyticsUnderTest,
  life: readonly LifeStep[],
): Promise<void> {
  const { store, clock } = await subject.open();
  const scope = newScope();
  const sides = {
    engine: { store, scope, ids: [] },
    naive: { store: new NaiveAnalyticsStore(clock), scope, ids: [] },
    magnitudes: { store: new NaiveAnalyticsStore(clock), scope, ids: [] },
  };
  for (const step of life) {
    if (step.step === "query") await expectSameAnswer(sides, step.query, step.slices);
    else if (step.step === "read") await expectSameSeries(sides, step.filter);
    else await expectSameDeed(sides, step);
  }
  await expectSameSeries(sides, {});
  await store.deleteTenant(scope.tenant);
}

type Deed = Exclude<LifeStep, { readonly step: "query" | "read" }>;

async function expectSameDeed({ engine, naive, magnitudes }: Sides, deed: Deed): Promise<void> {
  if (deed.step === "anew") await Promise.all([engine, naive, magnitudes].map(forgetTenant));
  const before = await headOf(engine);
  const naiveBefore = await headOf(naive);
  await done(magnitudes, positive(deed));
  const expected = await done(naive, deed);
  expect(await done(engine, deed), deed.step).toEqual(expected);
  // Retention may commit rule by rule.
  if (deed.step === "retire" || deed.step === "retire again") return;
  expect(await changesSince(engine, before)).toEqual(await changesSince(naive, naiveBefore));
}

async function forgetTenant({ store, scope, ids }: Side): Promise<void> {
  await store.deleteTenant(scope.tenant);
  ids.length = 0;
}

/** Does it, and tells what must be the same everywhere. */
async function done(side: Side, deed: Deed): Promise<unknown> {
  const { store, scope, ids } = side;
  switch (deed.step) {
    case "anew":
    case "add": {
      const { firstId, count } = await store.add(scope, { series: deed.series });
      ids.push(...deed.series.map((_, index) => firstId + index));
      return count;
    }
    case "delete": {
      const filter = ownIds(side, deed.filter);
      const deleted = await store.delete(scope, { filter, clearEmptyDimensions: deed.clear });
      return [deleted.series, deleted.dimensions];
    }
    case "say":
      return store.updateDimension(scope, deed.metadata);
    case "clear":
      return store.clearEmptyDimensions(scope);
    case "retire":
      await store.setRetention(scope, deed.rules);
      return (await store.applyRetention(scope, deed.now)).deleted > 0;
    case "retire again":
      return (await store.applyRetention(scope, deed.now)).deleted > 0;
  }
}

const positive = (deed: Deed): Deed =>
  deed.step === "add" || deed.step === "anew"
    ? { ...deed, series: deed.series.map(magnitudeOf) }
    : deed;

const magnitudeOf = (series: NewSeries): NewSeries => ({
  ...series,
  value: Math.abs(series.value),
});

const ownIds = ({ ids }: Side, filter: SeriesFilter): SeriesFilter =>
  filter.ids === undefined
    ? filter
    : { ...filter, ids: filter.ids.map((place) => ids[place] ?? 1_000_000 + place) };

const headOf = async ({ store, scope }: Side): Promise<number> =>
  (await store.changes(scope, { limit: 1 })).head;

async function changesSince({ store, scope }: Side, after: number): Promise<unknown> {
  const { commits } = await store.changes(scope, { after, limit: 100 });
  return commits.map(({ sources }) => sources.toSorted((a, b) => (a.source < b.source ? -1 : 1)));
}

async function expectSameSeries(sides: Sides, filter: SeriesFilter): Promise<void> {
  expect(await seriesOf(sides.engine, filter)).toEqual(await seriesOf(sides.naive, filter));
}

/** All that can be read without a query. Rollups have whatever ids they get. */
async function seriesOf(side: Side, filter: SeriesFilter): Promise<unknown> {
  const { store, scope } = side;
  const own = ownIds(side, filter);
  const listed = await store.list(scope, own, { afterId: 0, limit: 1000 });
  const ids = listed.map(({ id }) => id);
  expect(ids).toEqual(ids.toSorted((a, b) => a - b));
  const rollups = listed.filter(({ fn }) => fn === "Rollup");
  const names = (of: "metric" | "unit" | "source") => store.names(scope, { of, limit: 100 });
  return {
    added: listed
      .filter(({ fn }) => fn !== "Rollup")
      .map(({ id, ...rest }) => ({ place: side.ids.indexOf(id), ...rest })),
    rollups: rollups.map(textOf).sort(),
    span: (await store.span(scope, own)).span,
    dimensions: await store.dimensions(scope, { limit: 1000 }),
    names: [await names("metric"), await names("unit"), await names("source")],
  };
}

/** A rollup as a text, but for its value: that depends on the order of adding up, and the queries tell it. */
function textOf({ params, value: _, id: __, ...rest }: StoredSeries): string {
  const { count, min, max, first, last } = params ?? {};
  return JSON.stringify([Object.entries(rest).sort(), count, min, max, first, last]);
}

async function expectSameAnswer(
  { engine, naive, magnitudes }: Sides,
  query: BucketQuery,
  slices: number,
): Promise<void> {
  const expected = await outcomeOf(naive, query);
  const answer = await outcomeOf(engine, query);
  if (typeof expected === "string" || typeof answer === "string") {
    expect(answer).toBe(expected);
    return;
  }
  expect(answer.groups.map(({ key }) => key)).toEqual(expected.groups.map(({ key }) => key));
  expect(answer.groupsTotal).toBeGreaterThanOrEqual(answer.groups.length);
  expect(answer.rolledUpTo).toBe(expected.rolledUpTo);
  expect(answer.revision).toBe(await headOf(engine));
  const magnitude = await magnitudes.store.query(magnitudes.scope, ofMagnitudes(query));
  for (const [index, group] of answer.groups.entries()) {
    expectSameColumns(group, expected.groups[index] as GroupColumns, {
      aggregates: query.aggregates,
      magnitude: magnitude.groups[index] as GroupColumns,
    });
  }
  if (slices > 0) await expectSlices(engine, { query, answer, count: slices });
}

/** The answer, or the kind of the error. */
async function outcomeOf(
  { store, scope }: Side,
  query: BucketQuery,
): Promise<BucketAnswer | string> {
  try {
    return await store.query(scope, query);
  } catch (error) {
    if (error instanceof TiffinError) return error.kind;
    throw error;
  }
}

/** Percentiles lie between the values: their error is that of the largest. */
const ofMagnitudes = (query: BucketQuery): BucketQuery => ({
  ...query,
  aggregates: query.aggregates.map((aggregate) =>
    aggregate.function === "percentile" ? { function: "max" } : aggregate,
  ),
});

function expectSameColumns(
  actual: GroupColumns,
  expected: GroupColumns,
  of: Pick<BucketQuery, "aggregates"> & { readonly magnitude: GroupColumns },
): void {
  const { aggregates, magnitude } = of;
  expectSameNumbers([actual.base], [expected.base], [magnitude.base]);
  expectSameNumbers(actual.change, expected.change, magnitude.change);
  expect(actual.count).toEqual(expected.count);
  expect(actual.aggregates).toHaveLength(aggregates.length);
  for (const [index, { function: name }] of aggregates.entries()) {
    const column = actual.aggregates[index] as Float64Array;
    const expectedColumn = expected.aggregates[index] as Float64Array;
    if (name === "avg" || name === "percentile") {
      const scale = magnitude.aggregates[index] as Float64Array;
      expectSameNumbers(column, expectedColumn, scale);
    } else expect([...column], name).toEqual([...expectedColumn]);
  }
}

function expectSameNumbers(
  actual: ArrayLike<number>,
  expected: ArrayLike<number>,
  magnitudes: ArrayLike<number>,
): void {
  expect(actual).toHaveLength(expected.length);
  for (let index = 0; index < expected.length; index++) {
    const [one, other] = [actual[index] as number, expected[index] as number];
    // A vesting of 1,000 at most is worked out otherwise by everybody.
    const allowed = 1e-12 * ((magnitudes[index] as number) + 1);
    const isSame = Number.isNaN(other) ? Number.isNaN(one) : Math.abs(one - other) <= allowed;
    if (!isSame) expect.fail(`${one} instead of ${other}, at ${index}`);
  }
}

/** Slices put together are the whole answer. */
async function expectSlices(
  { store, scope }: Side,
  of: { readonly query: BucketQuery; readonly answer: BucketAnswer; readonly count: number },
): Promise<void> {
  const { query, answer, count } = of;
  const parts: GroupColumns[] = [];
  for (let from = 0; from < answer.groupsTotal; from += count) {
    const sliced = await store.query(scope, { ...query, slice: { from, count } });
    expect(sliced.groups.length).toBeLessThanOrEqual(count);
    parts.push(...sliced.groups);
  }
  expect(parts.map(({ key }) => key)).toEqual(answer.groups.map(({ key }) => key));
  expect(parts.map(({ count }) => count)).toEqual(answer.groups.map(({ count }) => count));
}
