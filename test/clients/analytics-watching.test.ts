/** Being told of changes, as subscribers of Powerhouse's analytics engine know it, and of answers. */
import { durationFromMs } from "@bufbuild/protobuf/wkt";
import { DateTime } from "luxon";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { toSeriesQuery } from "../../gen/typescript/lib/analytics-query.ts";
import { groupedPeriods } from "../../gen/typescript/lib/grouped-periods.ts";
import { watchedAnswers } from "../../gen/typescript/lib/watched-answers.ts";
import { type AnalyticsSubject, openAnalyticsSubject } from "./analytics-subject.ts";

let subject: AnalyticsSubject;
const interval = durationFromMs(0);

beforeAll(async () => {
  subject = await openAnalyticsSubject();
});
afterAll(() => subject.stop());

describe("a watcher of a source", () => {
  test.each([
    ["a/b/c", ["a/b/c"]],
    ["a/b", ["a/b", "a/b/c", "a/b/d/e"]],
    ["/a/b/", ["a/b", "a/b/c", "a/b/d/e"]],
    ["a/b/d/e/f", []],
    ["a/*/c", ["a/b/c", "a/x/c"]],
    ["a/*", ["a/b", "a/b/c", "a/b/d/e", "a/x/c", "a/bc"]],
    ["*", ["a/b", "a/b/c", "a/b/d/e", "a/x/c", "a", "a/bc", "last"]],
  ])("of %s is told of it and what is below it, once each", async (pattern, told) => {
    const watching = new AbortController();
    const watch = subject.client.watch(
      { sources: [pattern, "last"], interval },
      { signal: watching.signal },
    );
    const changed = new Map<string, bigint>();
    for await (const { changes } of watch) {
      // The first message says that the watch has begun.
      if (changes.length === 0)
        await add(["a/b", "a/b/c", "a/b/d/e", "a/x/c", "a", "a/bc", "last"]);
      for (const { source, added } of changes) {
        changed.set(source, (changed.get(source) ?? 0n) + added);
      }
      if (changed.has("last")) break;
    }
    watching.abort();
    expect([...changed.keys()]).toEqual([...told.filter((source) => source !== "last"), "last"]);
    // Each was added twice: one change of two.
    expect(new Set(changed.values())).toEqual(new Set([2n]));
  });
});

test("a watcher of an answer has the whole of it again whenever it has changed", async () => {
  const query = toSeriesQuery({
    start: DateTime.utc(2024),
    end: DateTime.utc(2024, 3),
    granularity: "monthly",
    metrics: ["Watched"],
    select: { path: [] },
    lod: { path: 1 },
  });
  const watching = new AbortController();
  const watch = subject.client.watchQuery({ query, interval }, { signal: watching.signal });
  const steps = [
    () => pay("a", 5),
    () => pay("b", 7),
    () => subject.client.clearBySource({ source: "pay/a" }),
  ];
  const answers: unknown[] = [];
  for await (const answer of watchedAnswers(watch)) {
    const [, february] = [...groupedPeriods(answer)];
    answers.push(february?.rows.map(({ dimensions, sum }) => [dimensions["path"]?.path, sum]));
    const step = steps.shift();
    if (step === undefined) break;
    await step();
  }
  watching.abort();
  expect(answers).toEqual([
    [],
    [["a", 5]],
    [
      ["a", 5],
      ["b", 7],
    ],
    [["b", 7]],
  ]);
});

const add = (sources: readonly string[]): Promise<void> =>
  subject.add(
    [...sources, ...sources].map((source) => ({
      ...{ source, start: DateTime.utc(2024), metric: "Told", value: 1, dimensions: {} },
    })),
  );

const pay = (path: string, value: number): Promise<void> =>
  subject.add([
    {
      ...{ source: `pay/${path}`, start: DateTime.utc(2024, 2, 2), metric: "Watched", value },
      dimensions: { path },
    },
  ]);
