import { describe, expect, test } from "vitest";
import type { Selection } from "./analytics-store.ts";
import { type Cell, Cells } from "./cells.ts";

const cell = (
  dimensions: Readonly<Record<string, string>> = {},
  said: Partial<Cell> = {},
): Cell => ({
  ...{ metric: "metric", unit: "", fn: "Single", dimensions: Object.entries(dimensions) },
  ...said,
});

function cellsOf(...made: readonly Cell[]): Cells {
  const cells = new Cells();
  for (const one of made) cells.numberOf(one);
  return cells;
}

const select = (dimension: string, include: readonly string[] = [], level?: number): Selection => ({
  ...{ dimension, patterns: { include, exclude: [] }, levelOfDetail: level },
});

describe("cells", () => {
  test("are numbered in the order in which they were first seen", () => {
    const cells = new Cells();
    const made = [cell({ p: "a" }), cell({ p: "b" }), cell({ p: "a" }), cell({ q: "a" }), cell()];
    expect(made.map((one) => cells.numberOf(one))).toEqual([0, 1, 0, 2, 3]);
    expect(cells.size).toBe(4);
  });

  test("differ in metric, unit, function and every path", () => {
    const cells = cellsOf(
      cell({ p: "a" }),
      cell({ p: "a" }, { metric: "other" }),
      cell({ p: "a" }, { unit: "DAI" }),
      cell({ p: "a" }, { fn: "DssVest" }),
      cell({ p: "a" }, { fn: "Rollup" }),
      cell({ p: "a", q: "a" }),
    );
    expect(cells.size).toBe(6);
  });

  test("are not confused by what stands in names", () => {
    const cells = cellsOf(
      cell({ 'p","q': "a" }),
      cell({ p: '","q', q: "a" }),
      cell({}, { metric: "a,b" }),
      cell({}, { metric: "a", unit: "b" }),
      cell({ __proto__x: "a", constructor: "b" }),
    );
    expect(cells.size).toBe(5);
  });

  test("with dimensions of their own each take no more for there being many", () => {
    const bytesOf = (count: number): number => {
      const { arrayBuffers } = process.memoryUsage();
      const own = (number: number) =>
        Object.fromEntries(Array.from({ length: 8 }, (_, at) => [`${number}-${at}`, "a"]));
      const cells = cellsOf(...Array.from({ length: count }, (_, number) => cell(own(number))));
      expect(cells.at(count - 1)).toEqual(cell(own(count - 1)));
      return process.memoryUsage().arrayBuffers - arrayBuffers;
    };
    expect(bytesOf(3000)).toBeLessThan(4_000_000);
  });

  test("are told by the paths that they have", () => {
    const cells = cellsOf(
      cell({ p: "a" }),
      cell({ q: "a" }),
      cell({ p: "b" }),
      cell({ p: "a", q: "b" }),
    );
    const found = cells.cellsOfPaths("p", ["a", "c"]);
    expect([...found]).toEqual([
      ["a", [0, 3]],
      ["c", []],
    ]);
    expect([...cells.cellsOfPaths("r", ["a"])]).toEqual([["a", []]]);
  });

  test("are found as they were given, those that are not there are not", () => {
    const one = cell({ p: "a/b", q: "c" }, { metric: "m", unit: "DAI", fn: "DssVest" });
    const cells = cellsOf(cell(), one);
    expect(cells.at(1)).toEqual(one);
    expect(cells.find(one)).toBe(1);
    expect(cells.find({ ...one, fn: "Single" })).toBeUndefined();
    expect([cells.metricOf(1), cells.unitOf(1), cells.fnOf(1)]).toEqual(["m", "DAI", "DssVest"]);
  });

  test("say their dimensions by code points, in whatever order they were first seen", () => {
    const names = ["B", "a", "\uFFFD", "\u{1F600}"];
    const whole = cell(Object.fromEntries(names.map((name) => [name, "x"])));
    const cells = cellsOf(cell({ "\u{1F600}": "x" }), cell({ "\uFFFD": "x" }), whole);
    expect(cells.at(2)).toEqual(whole);
    expect(cells.numberOf(cells.at(2))).toBe(2);
  });

  test("that came after a query are matched by the next", () => {
    const cells = cellsOf(cell({ p: "a" }));
    const filter = { select: [select("p", ["b"])] };
    expect([...cells.matching(filter)]).toEqual([0]);
    cells.numberOf(cell({ p: "b" }));
    expect([...cells.matching(filter)]).toEqual([0, 1]);
    expect(cells.grouping(cells.matching({}), [select("p")]).keys).toHaveLength(2);
  });

  test("many cells are told apart and kept", () => {
    const cells = new Cells();
    const made = Array.from({ length: 5000 }, (_, index) =>
      cell({ p: `a/${index % 71}`, q: `b/${index % 73}` }, { metric: `m${index % 2}` }),
    );
    expect(made.map((one) => cells.numberOf(one))).toEqual(made.map((_, index) => index));
    expect(made.map((_, index) => cells.at(index))).toEqual(made);
  });
});

describe("matching", () => {
  const cells = cellsOf(
    cell({ p: "a" }, { metric: "Budget", unit: "DAI" }),
    cell({ p: "a/b" }, { metric: "budget" }),
    cell({ q: "a" }, { metric: "ÄRGER", unit: "MKR" }),
    cell({}, { metric: "BUDGET", unit: "dai" }),
  );
  for (const [title, filter, expected] of [
    ["nothing is asked", {}, [1, 1, 1, 1]],
    ["metrics as they are written", { metrics: ["Budget", "ÄRGER"] }, [1, 0, 1, 0]],
    ["no metric", { metrics: [] }, [0, 0, 0, 0]],
    ["any case", { metrics: ["buDGET"], metricsIgnoreCase: true }, [1, 1, 0, 1]],
    ["any case beyond ASCII", { metrics: ["ärger"], metricsIgnoreCase: true }, [0, 0, 1, 0]],
    ["units", { units: ["DAI", ""] }, [1, 1, 0, 0]],
    ["no unit", { units: [] }, [0, 0, 0, 0]],
    ["paths", { select: [select("p", ["a"])] }, [1, 1, 0, 0]],
    ["what has no path", { select: [select("p", ["?"])] }, [0, 0, 1, 1]],
    ["any path", { select: [select("p", ["*"])] }, [1, 1, 0, 0]],
    ["two dimensions", { select: [select("p", ["?"]), select("q", ["a"])] }, [0, 0, 1, 0]],
    ["a dimension that no cell has", { select: [select("never", ["a"])] }, [0, 0, 0, 0]],
    ["no path in it", { select: [select("never", ["?"])] }, [1, 1, 1, 1]],
    ["one dimension twice", { select: [select("p", ["a"]), select("p", ["a/b"])] }, [0, 1, 0, 0]],
    [
      "everything at once",
      { metrics: ["Budget"], units: ["DAI"], select: [select("p")] },
      [1, 0, 0, 0],
    ],
  ] as const) {
    test(title, () => {
      expect([...cells.matching(filter)]).toEqual(expected);
    });
  }
});

describe("grouping", () => {
  const cells = cellsOf(
    cell({ p: "a/x" }),
    cell({ p: "b" }),
    cell({ p: "a/y" }),
    cell({}),
    cell({ p: "a/x", q: "c" }),
    cell({ p: "a/x" }, { metric: "other" }),
    cell({ p: "a/x" }, { unit: "DAI" }),
    cell({ p: "a/x" }, { fn: "DssVest" }),
  );
  const grouped = (matches: Uint8Array, ...by: readonly Selection[]) => {
    const { groupOf, keys } = cells.grouping(matches, by);
    const texts = keys.map(({ paths, metric, unit }) => [...paths, metric, unit].join(" "));
    return { groupOf: [...groupOf], keys: texts };
  };
  const all = cells.matching({});

  test("by whole paths, metric and unit; functions are no matter", () => {
    expect(grouped(all, select("p"))).toEqual({
      groupOf: [0, 1, 2, 3, 0, 4, 5, 0],
      keys: [
        "a/x metric ",
        "b metric ",
        "a/y metric ",
        "? metric ",
        "a/x other ",
        "a/x metric DAI",
      ],
    });
  });

  test("at a level of detail", () => {
    const { keys, groupOf } = grouped(all, select("p", [], 2));
    expect(keys.slice(0, 4)).toEqual(["a/x metric ", "b/* metric ", "a/y metric ", "? metric "]);
    expect(groupOf).toEqual([0, 1, 2, 3, 0, 4, 5, 0]);
    expect(grouped(all, select("p", [], 1)).groupOf).toEqual([0, 1, 0, 2, 0, 3, 4, 0]);
    expect(grouped(all, select("p", [], 0)).groupOf).toEqual([0, 0, 0, 0, 0, 1, 2, 0]);
  });

  test("only what matches is in a group, and the groups are of that alone", () => {
    const matches = cells.matching({ select: [select("p", ["a/x", "?"])] });
    expect(grouped(matches, select("q"))).toEqual({
      groupOf: [0, -1, -1, 0, 1, 2, 3, 0],
      keys: ["? metric ", "c metric ", "? other ", "? metric DAI"],
    });
  });

  test("by no dimension, and by one that no cell has", () => {
    expect(grouped(all).keys).toEqual(["metric ", "other ", "metric DAI"]);
    expect(grouped(all, select("never")).keys).toEqual(["? metric ", "? other ", "? metric DAI"]);
  });

  test("the order of the selection is that of the paths", () => {
    const both = [select("q"), select("p")];
    expect(grouped(cells.matching({ select: [select("q", ["c"])] }), ...both).keys).toEqual([
      "c a/x metric ",
    ]);
  });

  test("of nothing", () => {
    const none = new Cells();
    expect(none.grouping(none.matching({}), [select("p")])).toEqual({
      groupOf: new Int32Array(0),
      keys: [],
    });
  });
});
