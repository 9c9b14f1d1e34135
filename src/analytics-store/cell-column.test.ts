import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { propertyParameters } from "../../test/support/property.ts";
import { CellColumn } from "./cell-column.ts";

describe("a column of cells", () => {
  test("holds what a map would, wherever its cells are", () => {
    const cell = fc.oneof(fc.nat(20), fc.nat(1000), fc.nat(1_000_000));
    fc.assert(
      fc.property(fc.array(fc.tuple(cell, fc.nat(3)), { maxLength: 200 }), (sets) => {
        const column = new CellColumn();
        const expected = new Map<number, number>();
        for (const [at, number] of sets) {
          column.set(at, number);
          expected.set(at, number);
        }
        for (let at = 0; at < 1000; at++) expect(column.get(at)).toBe(expected.get(at) ?? 0);
        for (const [at, number] of expected) expect(column.get(at)).toBe(number);
      }),
      propertyParameters(100),
    );
  });

  test("of a cell far away takes no more than of one near by", () => {
    const { arrayBuffers } = process.memoryUsage();
    const columns = Array.from({ length: 1000 }, () => {
      const column = new CellColumn();
      for (const cell of [0, 1000, 100_000, 10_000_000]) column.set(cell, 1);
      return column;
    });
    expect(process.memoryUsage().arrayBuffers - arrayBuffers).toBeLessThan(1_000_000);
    expect(columns.map((column) => column.get(10_000_000))).not.toContain(0);
  });
});
