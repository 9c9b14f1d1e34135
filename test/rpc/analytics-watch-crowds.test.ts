import { setImmediate } from "node:timers/promises";
import { expect, test } from "vitest";
import { Granularity } from "#gen/tiffin/analytics/v1/query_pb.ts";
import type { WatchResponse } from "#gen/tiffin/analytics/v1/watch_pb.ts";
import type { AnalyticsStore } from "../../src/analytics-store/analytics-store.ts";
import { altered } from "../contracts/rpc-analytics-altered.ts";
import { one } from "../contracts/rpc-analytics-parts.ts";
import { type AnalyticsCalls, openAnalyticsCalls } from "../support/open-analytics-calls.ts";
import { quiet } from "../support/settle.ts";

/** Counts how often the changes of a store are asked for. */
function counted(): {
  readonly asked: () => number;
  alter(series: AnalyticsStore): AnalyticsStore;
} {
  let asked = 0;
  const alter = altered("changes", (series) => (scope, page) => {
    asked++;
    return series.changes(scope, page);
  });
  return { asked: () => asked, alter };
}

const begin = ({ analytics }: AnalyticsCalls): AsyncIterator<WatchResponse> =>
  analytics.watch({})[Symbol.asyncIterator]();

const told = ({ value }: IteratorResult<WatchResponse>): string[] =>
  (value as WatchResponse).changes.map(({ source, added }) => `${source} +${added}`);

test("of a thousand watches that have come equally far, one asks the store what has changed", async () => {
  const { asked, alter } = counted();
  await using room = await openAnalyticsCalls(alter);
  const watches = Array.from({ length: 1000 }, () => begin(room));
  await Promise.all(watches.map((watch) => watch.next()));
  const before = asked();
  const next = watches.map((watch) => watch.next());
  await quiet();
  for (const source of ["a", "b", "a"]) {
    await room.analytics.addSeries({ series: [one({ source })] });
  }
  expect(asked()).toBe(before);
  room.clock.advance(200);
  for (const message of await Promise.all(next)) expect(told(message)).toEqual(["a +2", "b +1"]);
  expect(asked()).toBe(before + 1);
  await Promise.all(watches.map((watch) => watch.return?.()));
});

test("of many watched queries that a change has asked again, no two are answered in one turn", async () => {
  let turn = 0;
  let answeredIn: number[] = [];
  const alter = altered("query", (series) => (scope, query) => {
    answeredIn.push(turn);
    return series.query(scope, query);
  });
  await using room = await openAnalyticsCalls(alter);
  await room.analytics.addSeries({ series: [one()] });
  const query = { granularity: Granularity.TOTAL, select: [{ dimension: "d" }] };
  const watches = Array.from({ length: 50 }, () =>
    room.analytics.watchQuery({ query })[Symbol.asyncIterator](),
  );
  await Promise.all(watches.map((watch) => watch.next()));
  const next = watches.map((watch) => watch.next());
  await quiet();
  await room.analytics.addSeries({ series: [one()] });
  await quiet();
  answeredIn = [];
  room.clock.advance(200);
  for (; answeredIn.length < watches.length && turn < 1000; turn++) await setImmediate();
  expect(new Set(answeredIn).size).toBe(watches.length);
  await Promise.all(next);
  await Promise.all(watches.map((watch) => watch.return?.()));
});

test("for a watch that is not read nothing is gathered, and then all at once", async () => {
  const { asked, alter } = counted();
  await using room = await openAnalyticsCalls(alter);
  const watch = begin(room);
  await watch.next();
  const before = asked();
  for (let at = 0; at < 5000; at++) {
    await room.analytics.addSeries({ series: [one({ source: `s/${at % 3}` })] });
    if (at % 100 === 0) room.clock.advance(1000);
  }
  expect(asked()).toBe(before);
  const next = watch.next();
  await quiet();
  room.clock.advance(200);
  expect(told(await next)).toEqual(["s/0 +1667", "s/1 +1667", "s/2 +1666"]);
  await watch.return?.(undefined);
});

test("a watch that is not read for longer than changes are remembered ends", async () => {
  await using room = await openAnalyticsCalls();
  const watch = begin(room);
  await watch.next();
  for (let at = 0; at < 10_001; at++) await room.series.add({ tenant: "default" }, batch);
  const next = watch.next();
  await quiet();
  room.clock.advance(200);
  await expect(next).rejects.toMatchObject({ kind: "history_gone" });
});

test("a change that comes while a watch is told of another is not lost", async () => {
  await using room = await openAnalyticsCalls();
  const watches = [begin(room), begin(room)];
  for (const watch of watches) await watch.next();
  const [first, second] = watches.map((watch) => watch.next());
  await quiet();
  await room.series.add({ tenant: "default" }, batch);
  await quiet();
  room.clock.advance(200);
  expect(told((await first) as IteratorResult<WatchResponse>)).toEqual(["a/b +1"]);
  // At the same instant, so that the second may be told what was gathered for the first.
  await room.series.add({ tenant: "default" }, batch);
  const seen = told((await second) as IteratorResult<WatchResponse>);
  if (seen[0] === "a/b +1") {
    const rest = watches[1]?.next();
    for (let turn = 0; turn < 3; turn++) {
      await quiet();
      room.clock.advance(200);
    }
    expect(told((await rest) as IteratorResult<WatchResponse>)).toEqual(["a/b +1"]);
  } else expect(seen).toEqual(["a/b +2"]);
  for (const watch of watches) await watch.return?.(undefined);
});

const batch = { series: [{ source: "a/b", metric: "Sold", start: 0, value: 1 }] };
