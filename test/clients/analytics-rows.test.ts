/** Answers by rows, as Powerhouse's analytics engine gives them. */
import { create, type MessageInitShape } from "@bufbuild/protobuf";
import { timestampFromDate } from "@bufbuild/protobuf/wkt";
import fc from "fast-check";
import { DateTime } from "luxon";
import { expect, test } from "vitest";
import {
  QueryResponseSchema,
  StreamQueryResponseSchema,
} from "#gen/tiffin/analytics/v1/analytics_service_pb.ts";
import { GroupSchema, type PeriodSchema } from "#gen/tiffin/analytics/v1/query_pb.ts";
import { WatchQueryResponseSchema } from "#gen/tiffin/analytics/v1/watch_pb.ts";
import { groupedPeriods } from "../../gen/typescript/lib/grouped-periods.ts";
import { nestedGroups } from "../../gen/typescript/lib/nested-groups.ts";
import { streamedAnswer } from "../../gen/typescript/lib/streamed-answer.ts";
import { watchedAnswers } from "../../gen/typescript/lib/watched-answers.ts";
import { propertyParameters } from "../support/property.ts";

test("an answer by rows has every group in every period, named by its dimensions", () => {
  const answer = create(QueryResponseSchema, {
    periods: [month(1), month(2)],
    groups: [
      group({ path: "atlas/p1", unit: "DAI", value: [1, 2], sum: [11, 13] }),
      group({ path: "atlas/p2", unit: "", value: [3, 4], sum: [3, 7] }),
    ],
  });
  const rows = (index: 0 | 1) => [
    { ...named("atlas/p1"), unit: "DAI", value: [1, 2][index], sum: [11, 13][index] },
    { ...named("atlas/p2"), unit: null, value: [3, 4][index], sum: [3, 7][index] },
  ];
  const none = { aggregates: [], compared: undefined };
  expect([...groupedPeriods(answer)]).toEqual([
    { ...dates(1), rows: rows(0).map((row) => ({ ...row, ...none })), compared: undefined },
    { ...dates(2), rows: rows(1).map((row) => ({ ...row, ...none })), compared: undefined },
  ]);
});

test("aggregates stand in the order of the query, and what is compared with stands beside", () => {
  const answer = create(QueryResponseSchema, {
    periods: [month(3), month(4)],
    comparedPeriods: [month(1)],
    groups: [
      {
        ...group({ path: "a", value: [1, 2], sum: [1, 3] }),
        aggregates: [{ numbers: [1, Number.NaN] }, { numbers: [5, 6] }],
        comparedValue: [7, Number.NaN],
        comparedSum: [8, Number.NaN],
        comparedAggregates: [{ numbers: [9, Number.NaN] }, { numbers: [10, Number.NaN] }],
      },
    ],
  });
  const [third, fourth] = [...groupedPeriods(answer)];
  expect(third?.compared).toEqual(dates(1));
  expect(third?.rows[0]).toMatchObject({
    aggregates: [1, 5],
    compared: { value: 7, sum: 8, aggregates: [9, 10] },
  });
  expect(fourth?.compared).toBeUndefined();
  expect(fourth?.rows[0]).toMatchObject({
    aggregates: [Number.NaN, 6],
    compared: { value: Number.NaN, sum: Number.NaN, aggregates: [Number.NaN, Number.NaN] },
  });
});

test("beside a range that has no periods nothing stands, which is not as if nothing were compared", () => {
  const nothing = { comparedValue: [Number.NaN], comparedSum: [Number.NaN] };
  const answer = create(QueryResponseSchema, {
    periods: [month(3)],
    groups: [{ ...group({ path: "a", value: [1], sum: [1] }), ...nothing }],
  });
  const [only] = [...groupedPeriods(answer)];
  expect(only?.compared).toBeUndefined();
  expect(only?.rows[0]?.compared).toEqual({ value: Number.NaN, sum: Number.NaN, aggregates: [] });
});

test("rows are made a period at a time: nothing of a period that nobody asks for", () => {
  const answer = create(QueryResponseSchema, {
    periods: [month(1), month(2)],
    groups: [group({ path: "a", value: [1], sum: [1] })],
  });
  const periods = groupedPeriods(answer);
  expect(periods.next().value).toMatchObject({ rows: [{ value: 1 }] });
  answer.groups[0]?.value.push(5);
  expect(periods.next().value).toMatchObject({ rows: [{ value: 5 }] });
});

test("a dimension may be called as what every object has", () => {
  const dimensions = [
    { name: "__proto__", path: "a" },
    { name: "constructor", path: "b" },
  ];
  const answer = create(QueryResponseSchema, {
    periods: [month(1)],
    groups: [{ ...group({ path: "", value: [1], sum: [1] }), dimensions }],
  });
  const [period] = [...groupedPeriods(answer)];
  const row = period?.rows[0];
  expect(Object.entries(row?.dimensions ?? {}).map(([name, { path }]) => [name, path])).toEqual([
    ["__proto__", "a"],
    ["constructor", "b"],
  ]);
});

test("groups that are alike in the first dimension can be had together, then in the second, in metric and in unit", () => {
  const asNamed = (text: string) => {
    const [first = "", second = "", metric = "", unit = ""] = text.split(" ");
    const dimensions = [
      { name: "a", path: first },
      { name: "b", path: second },
    ];
    return create(GroupSchema, { dimensions, metric, unit });
  };
  const groups = ["x p M 1", "y p M 1", "x q M 1", "x p N 1", "y p M 2", "x p M 2", "x q M 2"];
  const nested = nestedGroups(groups.map(asNamed));
  expect(
    nested.map(({ dimensions: [first, second], metric, unit }) =>
      [first?.path, second?.path, metric, unit].join(" "),
    ),
  ).toEqual(["x p M 1", "x p M 2", "x p N 1", "x q M 1", "x q M 2", "y p M 1", "y p M 2"]);
  expect(nestedGroups([])).toEqual([]);
});

test("an answer without periods has no rows", () => {
  expect([...groupedPeriods(create(QueryResponseSchema))]).toEqual([]);
});

test("a streamed answer is the same however it was cut", async () => {
  const paths = fc.array(fc.string({ minLength: 1 }), { maxLength: 8 });
  const cuts = fc.array(fc.nat({ max: 3 }), { maxLength: 8 });
  await fc.assert(
    fc.asyncProperty(paths, cuts, async (texts, sizes) => {
      const groups = texts.map((path) => group({ path, value: [1], sum: [1] }));
      const parts = cut(groups, sizes).map((some) => ({ groups: some }));
      const messages = [
        { periods: [month(1)], revision: 7n },
        ...parts,
        { profile: { plan: "p" } },
      ];
      const gathered = await streamedAnswer(
        stream(messages.map((message) => create(StreamQueryResponseSchema, message))),
      );
      expect(gathered).toEqual(
        create(QueryResponseSchema, {
          periods: [month(1)],
          groups,
          revision: 7n,
          profile: { plan: "p" },
        }),
      );
    }),
    propertyParameters(50),
  );
});

test("a watched answer is whole each time: what changed is put in its place, what is gone is left out", async () => {
  const answers: { labels: string[]; values: [string, number[]][]; revision: bigint }[] = [];
  const parts = [
    { periods: [month(1)], groups: [one("a", 1)], reset: true, more: true, revision: 1n },
    { groups: [one("b", 2)], revision: 1n },
    { groups: [one("a", 3)], revision: 2n },
    { groups: [one("c", 4)], removed: [one("a", 0)], revision: 3n },
    { periods: [month(2)], groups: [one("c", 5)], revision: 4n },
    { reset: true, revision: 5n },
  ].map((part) => create(WatchQueryResponseSchema, part));
  for await (const { periods, groups, revision } of watchedAnswers(stream(parts))) {
    const labels = periods.map(({ label }) => label);
    const values = groups.map(({ dimensions, value }): [string, number[]] => [
      dimensions[0]?.path ?? "",
      value,
    ]);
    answers.push({ labels, values, revision });
  }
  expect(answers).toEqual([
    {
      labels: ["2024/01"],
      values: [
        ["a", [1]],
        ["b", [2]],
      ],
      revision: 1n,
    },
    {
      labels: ["2024/01"],
      values: [
        ["a", [3]],
        ["b", [2]],
      ],
      revision: 2n,
    },
    {
      labels: ["2024/01"],
      values: [
        ["b", [2]],
        ["c", [4]],
      ],
      revision: 3n,
    },
    { labels: ["2024/02"], values: [["c", [5]]], revision: 4n },
    { labels: [], values: [], revision: 5n },
  ]);
});

const monthOf = (number: number): DateTime => DateTime.utc(2024, number, 1);

const month = (number: number): MessageInitShape<typeof PeriodSchema> => ({
  label: monthOf(number).toFormat("yyyy/MM"),
  startTime: timestampFromDate(monthOf(number).toJSDate()),
  endTime: timestampFromDate(monthOf(number + 1).toJSDate()),
});

const dates = (number: number) => ({
  period: monthOf(number).toFormat("yyyy/MM"),
  start: monthOf(number).toJSDate(),
  end: monthOf(number + 1).toJSDate(),
});

interface GroupParts {
  readonly path: string;
  readonly unit?: string;
  readonly value: number[];
  readonly sum: number[];
}

const group = ({ path, unit = "DAI", value, sum }: GroupParts) =>
  ({
    dimensions: [{ name: "project", path, label: `label of ${path}` }],
    metric: "Budget",
    unit,
    value,
    sum,
  }) satisfies MessageInitShape<typeof GroupSchema>;

const one = (path: string, value: number) => group({ path, value: [value], sum: [value] });

const named = (path: string) => ({
  dimensions: { project: { path, label: `label of ${path}`, icon: "", description: "" } },
  metric: "Budget",
});

async function* stream<T>(messages: readonly T[]): AsyncGenerator<T> {
  yield* messages;
}

/** Into pieces of these sizes, empty ones too; the last has the rest. */
function cut<T>(all: readonly T[], sizes: readonly number[]): T[][] {
  const pieces: T[][] = [];
  let from = 0;
  for (const size of sizes) {
    pieces.push(all.slice(from, from + size));
    from += size;
  }
  return [...pieces, all.slice(from)];
}
