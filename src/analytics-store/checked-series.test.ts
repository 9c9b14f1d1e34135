import { describe, expect, test } from "vitest";
import { TiffinError } from "../errors.ts";
import { checkedBatch, checkedMetadata } from "./checked-series.ts";
import type { CheckedSeries, NewSeries } from "./series.ts";

const start = Date.UTC(2024, 0, 1);
const end = Date.UTC(2025, 0, 1);
const plain: NewSeries = { source: "s", metric: "m", start, value: 1 };
const checked = (said: Partial<NewSeries> = {}): CheckedSeries =>
  checkedBatch([{ ...plain, ...said }])[0] as CheckedSeries;
const vestWith = (cliff: unknown): Partial<NewSeries> => ({
  ...{ fn: "DssVest", end, params: { cliff: cliff as string } },
});

describe("a series that is good", () => {
  test("is filled up with what was not said", () => {
    expect(checked()).toEqual({
      ...plain,
      ...{ end: undefined, unit: "", fn: "Single", cliff: undefined, params: undefined },
      ...{ dimensions: [], dimensionMetadata: [] },
    });
  });

  test("has no params where they are null, as they may be in JavaScript", () => {
    expect(checked({ params: null as never }).params).toBeUndefined();
  });

  test("has canonical paths and its dimensions by code points", () => {
    const { source, dimensions, dimensionMetadata } = checked({
      source: "/s/t/",
      dimensions: { "\u{1F600}": "a/", "\uFFFD": "/b", a: "c" },
      dimensionMetadata: [{ dimension: "a", path: "/c/", label: "C" }],
    });
    expect(source).toBe("s/t");
    expect(dimensions).toEqual([
      ["a", "c"],
      ["\uFFFD", "b"],
      ["\u{1F600}", "a"],
    ]);
    expect(dimensionMetadata).toEqual([{ dimension: "a", path: "c", label: "C" }]);
  });

  for (const [what, said] of [
    ["may end where it starts", { end: start }],
    ["may be of the first instant", { start: -62_135_596_800_000 }],
    ["may be of the last instant", { start: 253_402_300_799_999 }],
    ["may be worth nothing", { value: 0 }],
    ["may be as large as a double", { value: -Number.MAX_VALUE }],
    ["may have names of 255 bytes", { metric: "m".repeat(255), unit: `${"ü".repeat(127)}u` }],
    ["may have params that look like a NUL character and are none", { params: { a: "\\u0000" } }],
    ["may have params that look like half a pair and are none", { params: { a: "\\ud83d" } }],
    ["may have whole pairs in its params", { params: { "\u{1F600}": "\u{1F600}" } }],
    ["may have 32 dimensions", { dimensions: dimensionsOf(32) }],
    ["may, as a Single, have a cliff that says nothing", { params: { cliff: 7 } }],
  ] as const) {
    test(what, () => {
      expect(checked(said)).toMatchObject(
        "dimensions" in said ? {} : { ...said, fn: "Single", cliff: undefined },
      );
    });
  }

  for (const [cliff, instant] of [
    ["2024-02-01T00:00:00Z", Date.UTC(2024, 1, 1)],
    ["2024-02-29T23:59:59.999Z", Date.UTC(2024, 2, 1) - 1],
    ["2024-02-01T02:00:00+02:00", Date.UTC(2024, 1, 1)],
    ["2024-01-31T19:00:00-05:00", Date.UTC(2024, 1, 1)],
    ["2024-02-01t00:00:00z", Date.UTC(2024, 1, 1)],
    ["2024-02-01T00:00:00.123456789Z", Date.UTC(2024, 1, 1) + 123],
    [null, undefined],
  ] as const) {
    test(`reads the cliff ${cliff}`, () => {
      expect(checked(vestWith(cliff)).cliff).toBe(instant);
    });
  }
});

const empty = "is empty";
const pair = "holds half of a surrogate pair";
const nul = "has a NUL character";
const refused: readonly (readonly [Partial<NewSeries>, field: string, description: string])[] = [
  [{ source: "" }, "source", empty],
  [{ source: "a//b" }, "source", "has an empty segment"],
  [{ metric: "" }, "metric", empty],
  [{ metric: "m".repeat(256) }, "metric", "has 256 bytes, and 255 are the most"],
  [{ metric: "\uDC00" }, "metric", pair],
  [{ unit: "ü".repeat(128) }, "unit", "has 256 bytes, and 255 are the most"],
  [{ unit: "a\0" }, "unit", nul],
  [{ value: Number.NaN }, "value", "is not a finite number"],
  [{ value: Number.NEGATIVE_INFINITY }, "value", "is not a finite number"],
  [{ fn: "single" }, "fn", "expected Single or DssVest"],
  [{ fn: "Rollup" }, "fn", "expected Single or DssVest"],
  [{ fn: "DssVest" }, "end_time", "is required of a DssVest"],
  [{ end: start - 1 }, "end_time", "is before start_time, 2024-01-01T00:00:00.000Z"],
  [{ params: { a: [Number.NaN] } }, "params", "holds a number that is not finite"],
  [{ params: { a: { b: -Infinity } } }, "params", "holds a number that is not finite"],
  [{ params: { a: ["\0"] } }, "params", nul],
  [{ params: { "a\0": 1 } }, "params", nul],
  [{ params: { a: "\\\0" } }, "params", nul],
  [{ params: { a: "\uD83D" } }, "params", pair],
  [{ params: { a: "a".repeat(4096) } }, "params", "has 4104 bytes as JSON, and 4096 are the most"],
  [{ dimensions: { "": "a" } }, "dimensions", empty],
  [
    { dimensions: { p: "?" } },
    "dimensions[p]",
    "a path cannot begin with ?, which stands for none",
  ],
  [{ dimensions: { "\uD83D": "a" } }, "dimensions", pair],
  [{ dimensions: dimensionsOf(33) }, "dimensions", "there are 33, and 32 are the most"],
  [
    {
      dimensionMetadata: [
        { dimension: "p", path: "a" },
        { dimension: "", path: "a" },
      ],
    },
    "dimension_metadata[1].dimension",
    empty,
  ],
];

describe("a series is refused", () => {
  test("that has no metric at all, as types do not allow", () => {
    const expected = { field: "series[0].metric", description: empty };
    expect(violationOf(() => checked({ metric: undefined as never }))).toEqual(expected);
  });

  for (const [said, field, description] of refused) {
    test(`${field} ${description}, naming the row`, () => {
      const expected = { field: `series[1].${field}`, description };
      expect(violationOf(() => checkedBatch([plain, { ...plain, ...said }]))).toEqual(expected);
    });
  }

  for (const ms of [0.5, Number.NaN, -62_135_596_800_001, 253_402_300_800_000, 2 ** 60]) {
    test(`that begins or ends at ${ms}`, () => {
      const description = "is no instant of the years 1 to 9999, to the millisecond";
      const begin = violationOf(() => checkedBatch([{ ...plain, start: ms }]));
      expect(begin).toEqual({ field: "series[0].start_time", description });
      const ending = violationOf(() => checkedBatch([{ ...plain, end: ms }]));
      expect(ending).toEqual({ field: "series[0].end_time", description });
    });
  }

  for (const cliff of [
    "2024-01-01",
    "2024-01-01T00:00:00",
    "Jan 1 2024 00:00 Z",
    "2024-02-30T00:00:00Z",
    "2024-13-01T00:00:00Z",
    "2024-01-01T24:00:00Z",
    "2024-01-01T00:00:00+25:00",
    "",
    1_704_067_200_000,
    ["2024-01-01T00:00:00Z"],
  ]) {
    test(`whose cliff is ${JSON.stringify(cliff)}`, () => {
      expect(violationOf(() => checkedBatch([{ ...plain, ...vestWith(cliff) }]))).toEqual({
        field: "series[0].params.cliff",
        description: "expected an RFC 3339 instant, with its offset",
      });
    });
  }

  test("for the first thing that is wrong with the first that is wrong", () => {
    const bad = { ...plain, value: Number.NaN };
    const batch = [plain, bad, { ...plain, source: "" }];
    expect(violationOf(() => checkedBatch(batch))).toHaveProperty("field", "series[1].value");
  });
});

describe("what is said of a path", () => {
  test("keeps apart what is not said and what is empty", () => {
    const metadata = { dimension: "p", path: "/a/", label: "" };
    expect(checkedMetadata(metadata, "dimension")).toEqual({ ...metadata, path: "a" });
  });

  for (const [said, field, description] of [
    [{ label: "ü".repeat(513) }, "label", "has 1026 bytes, and 1024 are the most"],
    [{ icon: "\0" }, "icon", nul],
    [{ description: "d".repeat(4097) }, "description", "has 4097 bytes, and 4096 are the most"],
    [{ description: "\uD83D" }, "description", pair],
    [{ path: "*" }, "path", "the segment * matches any; it cannot be stored"],
  ] as const) {
    test(`is refused: ${field} ${description}`, () => {
      const metadata = { dimension: "p", path: "a", ...said };
      const violation = violationOf(() => checkedMetadata(metadata, "dimension"));
      expect(violation).toEqual({ field: `dimension.${field}`, description });
    });
  }
});

function dimensionsOf(count: number): Record<string, string> {
  return Object.fromEntries(Array.from({ length: count }, (_, index) => [`d${index}`, "a"]));
}

function violationOf(refuse: () => unknown): unknown {
  try {
    refuse();
  } catch (error) {
    if (error instanceof TiffinError) return error.details.violations?.[0];
    throw error;
  }
  throw new Error("it was not refused");
}
