import { setImmediate } from "node:timers/promises";
import { create } from "@bufbuild/protobuf";
import { timestampFromMs } from "@bufbuild/protobuf/wkt";
import { expect, test } from "vitest";
import {
  AnalyticsService,
  UpdateDimensionRequestSchema,
} from "#gen/tiffin/analytics/v1/analytics_service_pb.ts";
import { Granularity } from "#gen/tiffin/analytics/v1/query_pb.ts";
import {
  WatchQueryRequestSchema,
  type WatchQueryResponse,
} from "#gen/tiffin/analytics/v1/watch_pb.ts";
import { altered } from "../../test/contracts/rpc-analytics-altered.ts";
import { callContext } from "../../test/support/call-context.ts";
import { openAnalyticsRoom } from "../../test/support/open-analytics-room.ts";
import { quiet } from "../../test/support/settle.ts";
import { defaultAnalyticsLimits } from "./analytics-limits.ts";
import type { AnalyticsRoom } from "./analytics-room.ts";
import { rememberedGroups, sharedBounds } from "./shared-bounds.ts";
import { updateDimension } from "./update-dimension.ts";
import { watchQuery } from "./watch-query.ts";

const context = callContext(AnalyticsService.method.watchQuery);

const scope = { tenant: "default" };

/** One value of each of so many projects. */
const fill = ({ series }: AnalyticsRoom, projects: number, suffix = "") =>
  series.add(scope, {
    series: Array.from({ length: projects }, (_, at) => ({
      ...{ source: `s/${at}`, metric: "m", start: 0, value: at },
      dimensions: { project: `p${at}${suffix}` },
    })),
  });

const watched = (room: AnalyticsRoom): AsyncGenerator<WatchQueryResponse> => {
  const query = { granularity: Granularity.TOTAL, select: [{ dimension: "project" }] };
  return watchQuery(room, create(WatchQueryRequestSchema, { query }), context);
};

const remembering = (room: AnalyticsRoom, max: number): AnalyticsRoom => ({
  ...room,
  bounds: { ...room.bounds, remembered: rememberedGroups(max) },
});

test("all watches together remember so many groups, and one more is refused until one of them ends", async () => {
  await using opened = await openAnalyticsRoom();
  await fill(opened.room, 40);
  const room = remembering(opened.room, 100);
  const watches = [watched(room), watched(room)];
  for (const watch of watches) expect((await watch.next()).value.groups).toHaveLength(40);
  await expect(watched(room).next()).rejects.toMatchObject({
    kind: "limit_exceeded",
    details: { metadata: { limit: "groups of all watches", max: "100", actual: "101" } },
  });
  await watches[0]?.return(undefined);
  const third = watched(room);
  expect((await third.next()).value.groups).toHaveLength(40);
  await Promise.all([...watches, third].map((watch) => watch.return(undefined)));
});

test("groups that have gone are remembered no more, and those of long names count as several", async () => {
  await using opened = await openAnalyticsRoom();
  await fill(opened.room, 40);
  const room = remembering(opened.room, 45);
  const watch = watched(room);
  await watch.next();
  const next = watch.next();
  await quiet();
  const sources = { include: Array.from({ length: 30 }, (_, at) => `s/${at}`), exclude: [] };
  await room.series.delete(scope, { filter: { sources } });
  await quiet();
  opened.clock.advance(200);
  expect((await next).value.removed).toHaveLength(30);
  const beside = watched(room);
  expect((await beside.next()).value.groups).toHaveLength(10);
  await fill(opened.room, 10, "x".repeat(900));
  await expect(watched(room).next()).rejects.toMatchObject({
    details: { metadata: { limit: "groups of all watches", actual: "46" } },
  });
  await Promise.all([watch, beside].map((one) => one.return(undefined)));
});

test("no more than two watched questions are worked out at a time", async () => {
  await using opened = await openAnalyticsRoom();
  await fill(opened.room, 3);
  const waiting: (() => void)[] = [];
  const held = altered("query", (store) => async (scope, query) => {
    await new Promise<void>((resolve) => waiting.push(resolve));
    return store.query(scope, query);
  });
  const room = { ...opened.room, series: held(opened.room.series) };
  const watches = Array.from({ length: 5 }, () => watched(room));
  const first = watches.map((watch) => watch.next());
  for (let left = 5; left > 0; left--) {
    for (let turn = 0; turn < 20; turn++) await setImmediate();
    expect(waiting).toHaveLength(Math.min(2, left));
    waiting.shift()?.();
  }
  for (const { value } of await Promise.all(first)) expect(value.groups).toHaveLength(3);
  await Promise.all(watches.map((watch) => watch.return(undefined)));
});

test("a reader who stops in the midst of an answer holds a slice of it, and lets others have their turn", async () => {
  await using opened = await openAnalyticsRoom({ messageBytesMax: 4096, analyticsNumbersMax: 80 });
  await fill(opened.room, 40);
  let asked = 0;
  const counted = altered("query", (store) => (scope, query) => {
    asked++;
    return store.query(scope, query);
  });
  const bounds = sharedBounds(defaultAnalyticsLimits);
  const room = { ...opened.room, bounds, series: counted(opened.room.series) };
  const stopped = [watched(room), watched(room)];
  for (const watch of stopped) expect((await watch.next()).value.more).toBe(true);
  expect(asked).toBeLessThanOrEqual(2);
  const other = watched(room);
  const first = other.next();
  await quiet();
  expect(asked).toBeLessThanOrEqual(2);
  opened.clock.advance(1000);
  expect((await first).value.more).toBe(true);
  const groups = [];
  for (let isMore = true; isMore; ) {
    const next = stopped[0]?.next();
    await quiet();
    opened.clock.advance(1000);
    const { value } = (await next) as IteratorYieldResult<WatchQueryResponse>;
    groups.push(...value.groups);
    isMore = value.more;
  }
  expect(groups.length).toBeGreaterThan(20);
  await Promise.all([...stopped, other].map((watch) => watch.return(undefined)));
});

test("periods that no message has room for are refused in words of the configuration", async () => {
  await using opened = await openAnalyticsRoom({ messageBytesMax: 4096 });
  const query = {
    ...{ granularity: Granularity.HOURLY, select: [{ dimension: "project" }] },
    ...{ startTime: timestampFromMs(0), endTime: timestampFromMs(1000 * 3_600_000) },
  };
  const watch = watchQuery(opened.room, create(WatchQueryRequestSchema, { query }), context);
  await expect(watch.next()).rejects.toMatchObject({
    kind: "limit_exceeded",
    message: expect.stringMatching(/^the periods.*TIFFIN_MESSAGE_BYTES_MAX.*shorter range/),
  });
});

test("what UpdateDimension says of a path wakes a watched answer, with no change of its series", async () => {
  await using opened = await openAnalyticsRoom();
  await fill(opened.room, 2);
  const watch = watched(opened.room);
  await watch.next();
  const next = watch.next();
  await quiet();
  const dimension = { name: "project", path: "p1", label: "One" };
  const request = create(UpdateDimensionRequestSchema, { dimension });
  await updateDimension(opened.room, request, context);
  await quiet();
  opened.clock.advance(200);
  expect((await next).value).toMatchObject({ groups: [{ dimensions: [dimension] }], removed: [] });
  await watch.return(undefined);
});
