import { describe, expect, test } from "vitest";
import { CellColumn } from "../cell-column.ts";
import { Cells } from "../cells.ts";
import { checkedBatch } from "../checked-series.ts";
import { Interned } from "../interned.ts";
import type { NewSeries } from "../series.ts";
import { newRows } from "./new-rows.ts";

const plain: NewSeries = {
  ...{ source: "s/t", metric: "m", unit: "u", start: Date.UTC(2024), value: 1 },
  dimensions: { a: "x/y", b: "z" },
};

/** What a tenant has that added it. */
function knownOf(...series: readonly NewSeries[]) {
  const known = { cells: new Cells(), sources: new Interned(), entered: new CellColumn() };
  for (const one of checkedBatch(series)) {
    known.entered.set(known.cells.numberOf(one), 1);
    known.sources.numberOf(one.source);
  }
  return known;
}

describe("rows of a batch", () => {
  const known = knownOf({ ...plain, source: "other", metric: "other" }, plain);

  test("that bring nothing new are told by what the tenant has, in whatever order their dimensions are", () => {
    const turned = { ...plain, dimensions: { b: "z", a: "x/y" } };
    const { cells, sources, checked } = newRows([plain, turned, plain], known);
    expect([...cells]).toEqual([1, 1, 1]);
    expect([...sources]).toEqual([1, 1, 1]);
    expect(checked.size).toBe(0);
  });

  test("are checked where anything is new, not canonical, or more than a value at a start", () => {
    const said: Partial<NewSeries>[] = [
      { source: "new" },
      { source: "/s/t" },
      { metric: "M" },
      { unit: "" },
      { fn: "DssVest", end: plain.start },
      { end: plain.start },
      { params: {} },
      { dimensions: {} },
      { dimensions: { a: "x/y" } },
      { dimensions: { a: "x/y", b: "z", c: "z" } },
      { dimensions: { a: "x/y/", b: "z" } },
      { dimensions: { a: "z", b: "x/y" } },
      { dimensionMetadata: [{ dimension: "a", path: "x", label: "X" }] },
    ];
    const series = said.map((one) => ({ ...plain, ...one }));
    const { checked } = newRows(series, known);
    expect([...checked.values()]).toEqual(checkedBatch(series));
  });

  test("are refused as if nothing was known", () => {
    const said: Partial<NewSeries>[] = [
      { value: Number.NaN },
      { start: 0.5 },
      { fn: "Rollup" },
      { end: plain.start - 1 },
      { dimensions: { a: "x//y", b: "z" } },
    ];
    for (const one of said) {
      const series = [plain, { ...plain, ...one }];
      const messageOf = (run: () => unknown): string => {
        try {
          run();
        } catch (error) {
          return (error as Error).message;
        }
        throw new Error("was not refused");
      };
      const refused = messageOf(() => newRows(series, known));
      expect(refused).toBe(messageOf(() => checkedBatch(series)));
      expect(refused).toContain("series[1]");
    }
  });

  test("whose dimensions are null, as types do not allow, are refused whatever is known", () => {
    const known = knownOf({ ...plain, dimensions: {} });
    const series = [{ ...plain, dimensions: null as never }];
    expect(() => checkedBatch(series)).toThrow(TypeError);
    expect(() => newRows(series, known)).toThrow(TypeError);
  });
});
