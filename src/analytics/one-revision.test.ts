import { create, type MessageInitShape } from "@bufbuild/protobuf";
import { timestampFromMs } from "@bufbuild/protobuf/wkt";
import { describe, expect, test } from "vitest";
import { AnalyticsService } from "#gen/tiffin/analytics/v1/analytics_service_pb.ts";
import {
  EmptyPeriods,
  Granularity,
  type Group,
  OrderBy,
  SeriesQuerySchema,
} from "#gen/tiffin/analytics/v1/query_pb.ts";
import {
  WatchQueryRequestSchema,
  type WatchQueryResponse,
} from "#gen/tiffin/analytics/v1/watch_pb.ts";
import { altered } from "../../test/contracts/rpc-analytics-altered.ts";
import { callContext } from "../../test/support/call-context.ts";
import {
  type OpenAnalyticsRoom,
  openAnalyticsRoom,
} from "../../test/support/open-analytics-room.ts";
import { quiet } from "../../test/support/settle.ts";
import type { AnalyticsStore } from "../analytics-store/analytics-store.ts";
import type { AnalyticsRoom } from "./analytics-room.ts";
import { type QueryRun, runQuery } from "./run-query.ts";
import { watchQuery } from "./watch-query.ts";

const call = { tenant: "default" };
const noLimits = { restart: () => undefined, expect: () => undefined };
const from = Date.UTC(2024, 3, 1);
const to = Date.UTC(2024, 5, 1);
const day = 24 * 3_600_000;

/** Values of every project in the range and in the one before it. */
const add = (series: AnalyticsStore, projects: readonly string[]) =>
  series.add(call, {
    series: projects.flatMap((project) =>
      [from, from - 40 * day].map((start) => ({
        ...{ source: "s", metric: "m", start, value: 1, dimensions: { project } },
      })),
    ),
  });

/** The room over a store in which more of the same is added after each of the engine's answers that `isInterrupted` says. */
function interrupted({ room }: OpenAnalyticsRoom, isInterrupted: (asked: number) => boolean) {
  const counts = { asked: 0 };
  const afterwards = async <T>(answered: Promise<T>): Promise<T> => {
    const answer = await answered;
    if (isInterrupted(counts.asked++)) await add(room.series, ["e", "a", "c"]);
    return answer;
  };
  const series = altered("query", (store) => async (scope, query) => {
    return afterwards(store.query(scope, query));
  })(
    altered(
      "span",
      (store) => async (scope, filter) => afterwards(store.span(scope, filter)),
    )(room.series),
  );
  return { room: { ...room, series }, counts };
}

const range = { startTime: timestampFromMs(from), endTime: timestampFromMs(to) };
const compare = { range: { case: "previous", value: true } } as const;
const questions: Record<string, MessageInitShape<typeof SeriesQuerySchema>> = {
  "slice by slice": range,
  "beside another range": { ...range, compare },
  "in an order": { ...range, order: { by: OrderBy.SUM, descending: true } },
  "over an open range": {},
  "without empty periods": { ...range, compare, emptyPeriods: EmptyPeriods.OMIT },
};
const queryOf = (init: MessageInitShape<typeof SeriesQuerySchema>) =>
  create(SeriesQuerySchema, {
    ...{ granularity: Granularity.MONTHLY, select: [{ dimension: "project" }] },
    ...(init as object),
  });

const total = (numbers: readonly number[]): number => numbers.reduce((sum, one) => sum + one, 0);

async function groupsOf(run: QueryRun): Promise<Group[]> {
  const groups: Group[] = [];
  for await (const batch of run.groups) groups.push(...batch);
  return groups;
}

async function answered(room: AnalyticsRoom, query: ReturnType<typeof queryOf>) {
  const run = await runQuery(room, call, { query, whole: noLimits });
  const { periods, comparedPeriods, revision } = run;
  return { periods, comparedPeriods, groups: await groupsOf(run), revision };
}

/** So few numbers that the groups are worked out three at a time, or two. */
const open = async (): Promise<OpenAnalyticsRoom> => {
  const opened = await openAnalyticsRoom({ analyticsNumbersMax: 24 });
  await add(opened.room.series, ["a", "b", "c", "d", "e", "f", "g"]);
  return opened;
};

describe.each(Object.keys(questions))("an answer that is held whole, %s", (name) => {
  const query = queryOf(questions[name] ?? {});

  test("is of the one revision that it says, whatever is added between two of the engine's answers", async () => {
    for (let at = 0; ; at++) {
      await using opened = await open();
      const before = await answered(opened.room, query);
      const { room, counts } = interrupted(opened, (asked) => asked === at);
      const answer = await answered(room, query);
      if (counts.asked <= at) break;
      expect([before, await answered(opened.room, query)]).toContainEqual(answer);
    }
  });

  test("is answered also while there is always something added, as of the earliest of its parts or later", async () => {
    await using opened = await open();
    const quiet = interrupted(opened, () => false);
    const before = await answered(quiet.room, query);
    const { room, counts } = interrupted(opened, () => true);
    const { groups, revision } = await answered(room, query);
    expect(groups).toHaveLength(7);
    expect(revision).toBeGreaterThan(before.revision);
    expect(counts.asked).toBeLessThanOrEqual(3 * quiet.counts.asked);
    expect(counts.asked).toBeGreaterThan(quiet.counts.asked);
  });
});

test("an answer is asked for again only while its caller has time for it", async () => {
  await using opened = await open();
  const { room, counts } = interrupted(opened, () => true);
  const tookMs = altered("query", (store) => (scope, query) => {
    opened.clock.advance(100);
    return store.query(scope, query);
  });
  const query = queryOf({ ...range, compare, top: 2 });
  const asked = async (ms: number): Promise<number> => {
    counts.asked = 0;
    const inTime = { ...call, deadline: opened.clock.now() + ms };
    const late = { ...room, series: tookMs(room.series) };
    await groupsOf(await runQuery(late, inTime, { query, whole: noLimits }));
    return counts.asked;
  };
  expect(await asked(350)).toBe(2);
  expect(await asked(550)).toBe(4);
  expect(await asked(10_000)).toBe(6);
});

test("an answer that the engine gives at once is not asked for again", async () => {
  await using opened = await openAnalyticsRoom();
  await add(opened.room.series, ["a", "b"]);
  const { room, counts } = interrupted(opened, () => true);
  await answered(room, queryOf(range));
  expect(counts.asked).toBe(1);
});

test("of a streamed answer each group is of one moment, with what it is compared with", async () => {
  await using opened = await open();
  // After the first of each two.
  const { room } = interrupted(opened, (asked) => asked % 4 === 0);
  const query = queryOf({ ...range, compare });
  const { revision: head } = await opened.room.series.query(call, {
    ...{ filter: {}, select: [], boundaries: Float64Array.of(0, 1), boundary: "right_open" },
    ...{ before: 1, aggregates: [], numbersMax: 10 },
  });
  const run = await runQuery(room, call, { query });
  const groups = await groupsOf(run);
  expect(run.revision).toBeGreaterThan(BigInt(head));
  for (const { value, comparedValue } of groups) {
    // One value in each of both ranges, as often as it was added.
    expect(total(value)).toBe(total(comparedValue));
  }
  const of = (path: string) => groups.find(({ dimensions }) => dimensions[0]?.path === path);
  expect(of("e")?.value[0]).toBeGreaterThan(of("a")?.value[0] ?? 0);
});

test("what is added while an answer is sent to a watch comes with the next one", async () => {
  await using opened = await openAnalyticsRoom({ analyticsNumbersMax: 24, messageBytesMax: 4096 });
  await add(opened.room.series, ["a", "b", "c", "d", "e", "f", "g"]);
  const { room } = interrupted(opened, (asked) => asked < 40 && asked % 3 === 1);
  const query = queryOf({ ...range, compare });
  const watch = watchQuery(room, create(WatchQueryRequestSchema, { query }), context);
  const expected = await answered(opened.room, query);
  const told = new Map<string | undefined, Group>();
  const isTold = async (): Promise<boolean> => {
    const { groups, revision } = await answered(opened.room, query);
    expect(revision).toBeGreaterThanOrEqual(expected.revision);
    return groups.every((group) => {
      const known = told.get(group.dimensions[0]?.path);
      return known !== undefined && total(known.value) === total(group.value);
    });
  };
  while (!(await isTold())) {
    const next = watch.next();
    await quiet();
    opened.clock.advance(1000);
    const { value } = (await next) as IteratorYieldResult<WatchQueryResponse>;
    for (const group of value.groups) told.set(group.dimensions[0]?.path, group);
  }
  expect(told.size).toBe(7);
  expect(total(told.get("e")?.value ?? [])).toBeGreaterThan(total(told.get("b")?.value ?? []));
  await watch.return(undefined);
});

const context = callContext(AnalyticsService.method.watchQuery, call);
