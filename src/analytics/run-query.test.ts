import { create } from "@bufbuild/protobuf";
import { timestampFromMs } from "@bufbuild/protobuf/wkt";
import fc from "fast-check";
import { expect, test } from "vitest";
import {
  AggregateFunction,
  Boundary,
  EmptyPeriods,
  Granularity,
  type Group,
  OrderBy,
  type Period,
  SeriesQuerySchema,
} from "#gen/tiffin/analytics/v1/query_pb.ts";
import { openAnalyticsRoom } from "../../test/support/open-analytics-room.ts";
import { propertyParameters } from "../../test/support/property.ts";
import { type QueryRun, runQuery } from "./run-query.ts";

const call = { tenant: "default" };
const from = Date.UTC(2024, 1, 10);
const to = Date.UTC(2024, 4, 20);

interface Value {
  readonly start: number;
  readonly value: number;
  readonly project: string;
}

/** Instants often on boundaries of periods, of the range and of others; whole values, whose sums are exact. */
const values = fc.array(
  fc.record({
    start: fc.oneof(
      fc.constantFrom(from, to, to - 1, from + 1, Date.UTC(2024, 2, 1), Date.UTC(2024, 2, 1) - 1),
      fc.integer({ min: Date.UTC(2023, 6), max: Date.UTC(2024, 6) }),
    ),
    value: fc.integer({ min: -50, max: 50 }),
    project: fc.constantFrom("a", "a/b", "a/c", "b", "b/c/d", "c"),
  }),
  { minLength: 1, maxLength: 40 },
);

const queries = fc.record({
  granularity: fc.constantFrom(
    ...[Granularity.TOTAL, Granularity.MONTHLY, Granularity.WEEKLY, Granularity.QUARTERLY],
  ),
  boundary: fc.constantFrom(Boundary.RIGHT_OPEN, Boundary.LEFT_OPEN),
  timeZone: fc.constantFrom("", "Asia/Kolkata", "America/New_York"),
  levelOfDetail: fc.constantFrom(0, 1, 2, 5),
  by: fc.constantFrom(OrderBy.UNSPECIFIED, OrderBy.VALUE, OrderBy.SUM),
  descending: fc.boolean(),
  top: fc.constantFrom(0, 1, 3),
  emptyPeriods: fc.constantFrom(EmptyPeriods.KEEP, EmptyPeriods.OMIT),
  isCompared: fc.boolean(),
});
type Query = typeof queries extends fc.Arbitrary<infer T> ? T : never;

/** Of one group: value, sum and two aggregates, and as many beside them. */
function numbersMaxOf({ granularity, isCompared }: Query): number {
  const periods = { [Granularity.TOTAL]: 1, [Granularity.QUARTERLY]: 2, [Granularity.MONTHLY]: 4 };
  return (periods[granularity as keyof typeof periods] ?? 16) * 4 * (isCompared ? 2 : 1);
}

const toQuery = ({ levelOfDetail, by, descending, isCompared, ...query }: Query) =>
  create(SeriesQuerySchema, {
    ...query,
    select: [{ dimension: "project", levelOfDetail }],
    order: { by, descending },
    aggregates: [{ function: AggregateFunction.COUNT }, { function: AggregateFunction.MAX }],
    ...{ startTime: timestampFromMs(from), endTime: timestampFromMs(to) },
    ...(isCompared ? { compare: { range: { case: "previous" as const, value: true } } } : {}),
  });

/** What the contract says of a group, straight from its values. */
function columnsOf(values: readonly Value[], periods: readonly Period[], { boundary }: Query) {
  const isLeftOpen = boundary === Boundary.LEFT_OPEN;
  const msOf = (time: Period["startTime"]) =>
    Number(time?.seconds) * 1000 + (time?.nanos ?? 0) / 1e6;
  const isBy = (at: number, end: number) => (isLeftOpen ? at <= end : at < end);
  const total = (of: readonly Value[]) => of.reduce((sum, { value }) => sum + value, 0);
  const cuts = periods.map(({ startTime, endTime }) => {
    const inside = ({ start }: Value) =>
      isBy(start, msOf(endTime)) && !isBy(start, msOf(startTime));
    return {
      inside: values.filter(inside),
      until: values.filter(({ start }) => isBy(start, msOf(endTime))),
    };
  });
  return {
    value: cuts.map(({ inside }) => total(inside)),
    sum: cuts.map(({ until }) => total(until)),
    count: cuts.map(({ inside }) => inside.length),
    max: cuts.map(({ inside }) =>
      inside.length === 0 ? Number.NaN : Math.max(...inside.map(({ value }) => value)),
    ),
  };
}

/** The groups that the contract says there are, by name, in the order of their first series. */
function groupsOf(added: readonly Value[], { levelOfDetail }: Query): Map<string, Value[]> {
  const groups = new Map<string, Value[]>();
  for (const value of added) {
    const segments = [...value.project.split("/"), "*", "*", "*", "*"];
    const name = segments.slice(0, levelOfDetail).join("/");
    groups.set(name, [...(groups.get(name) ?? []), value]);
  }
  // Those are there that begin before the end; a path that is seen first may begin later.
  for (const [name, of] of groups) {
    if (!of.some(({ start }) => start < to)) groups.delete(name);
  }
  return groups;
}

async function allOf(run: QueryRun): Promise<Group[]> {
  const all: Group[] = [];
  for await (const groups of run.groups) all.push(...groups);
  return all;
}

const nameOf = ({ dimensions }: Group): string => dimensions[0]?.path ?? "";

test("any question about any values is answered as the contract says, whatever is worked out at a time", async () => {
  await fc.assert(
    fc.asyncProperty(
      values,
      queries,
      fc.constantFrom(1, 2, 1000),
      async (added, query, groupsAtOnce) => {
        const analyticsNumbersMax = groupsAtOnce * numbersMaxOf(query);
        await using opened = await openAnalyticsRoom({ analyticsNumbersMax });
        const series = added.map(({ start, value, project }) => ({
          ...{ source: "s", metric: "m", start, value, dimensions: { project } },
        }));
        await opened.room.series.add(call, { series });
        const run = await runQuery(opened.room, call, { query: toQuery(query) });
        const answered = await allOf(run);
        const expected = groupsOf(added, query);
        checkOrder(answered, expected, query);
        for (const group of answered) {
          const own = (expected.get(nameOf(group)) ?? []).filter(({ start }) => start < to);
          const { value, sum, count, max } = columnsOf(own, run.periods, query);
          expect(group).toMatchObject({
            value,
            sum,
            aggregates: [{ numbers: count }, { numbers: max }],
          });
          if (query.isCompared) checkCompared(group, { own, periods: run.comparedPeriods, query });
        }
      },
    ),
    propertyParameters(),
  );
});

function checkOrder(
  answered: readonly Group[],
  expected: ReadonlyMap<string, readonly Value[]>,
  query: Query,
): void {
  const whole = [{ startTime: timestampFromMs(from), endTime: timestampFromMs(to) }] as Period[];
  const ranked = [...expected].map(([name, of], place) => {
    const own = of.filter(({ start }) => start < to);
    const { value, sum } = columnsOf(own, whole, query);
    const ranks = { [OrderBy.VALUE]: value[0], [OrderBy.SUM]: sum[0] } as Record<number, number>;
    return { name, rank: ranks[query.by] ?? place };
  });
  ranked.sort((a, b) => (query.descending ? b.rank - a.rank : a.rank - b.rank));
  const names = ranked.map(({ name }) => name);
  expect(answered.map(nameOf)).toEqual(names.slice(0, query.top === 0 ? names.length : query.top));
}

function checkCompared(
  group: Group,
  { own, periods, query }: { own: readonly Value[]; periods: readonly Period[]; query: Query },
): void {
  const before = query.boundary === Boundary.LEFT_OPEN ? from + 1 : from;
  const earlier = own.filter(({ start }) => start < before);
  const { value, sum } = columnsOf(earlier, periods, query);
  const nothing = periods.map(() => Number.NaN);
  const isThere = earlier.length > 0;
  expect(group.comparedValue).toEqual(isThere ? value : nothing);
  expect(group.comparedSum).toEqual(isThere ? sum : nothing);
}

test("a query whose caller has gone asks the engine for no more groups", async () => {
  await using opened = await openAnalyticsRoom({ analyticsNumbersMax: 8 });
  const dimensionsOf = (project: number) => ({ project: `p${project}` });
  const series = Array.from({ length: 9 }, (_, project) => ({
    ...{ source: "s", metric: "m", start: from, value: 1, dimensions: dimensionsOf(project) },
  }));
  await opened.room.series.add(call, { series });
  const query = create(SeriesQuerySchema, {
    granularity: Granularity.TOTAL,
    select: [{ dimension: "project" }],
  });
  const leaving = new AbortController();
  const run = await runQuery(opened.room, { ...call, signal: leaving.signal }, { query });
  expect((await run.groups.next()).value).toHaveLength(2);
  leaving.abort();
  await expect(run.groups.next()).rejects.toMatchObject({ kind: "cancelled" });
});

test("what is added and deleted while groups are answered neither hides another nor repeats one", async () => {
  for (const by of [OrderBy.UNSPECIFIED, OrderBy.PATH]) {
    await using opened = await openAnalyticsRoom({ analyticsNumbersMax: 8 });
    const { series } = opened.room;
    const added = (...projects: string[]) =>
      series.add(call, {
        series: projects.map((project) => ({
          ...{ source: project, metric: "m", start: from, value: 1, dimensions: { project } },
        })),
      });
    await added("b/1", "c/1", "d/1", "e/1", "f/1", "g/1");
    const query = create(SeriesQuerySchema, {
      granularity: Granularity.TOTAL,
      select: [{ dimension: "project", levelOfDetail: 1 }],
      ...{ order: { by }, startTime: timestampFromMs(from), endTime: timestampFromMs(to) },
    });
    const run = await runQuery(opened.room, call, { query });
    const names = ((await run.groups.next()).value as Group[]).map(nameOf);
    await added("a/1", "c/2", "f/2", "h/1");
    await series.delete(call, { filter: { sources: { include: ["d", "b"], exclude: [] } } });
    for await (const groups of run.groups) names.push(...groups.map(nameOf));
    expect(names.filter((name) => name !== "d" && name !== "a" && name !== "h")).toEqual([
      ...["b", "c", "e", "f", "g"],
    ]);
    expect(new Set(names).size).toBe(names.length);
  }
});
