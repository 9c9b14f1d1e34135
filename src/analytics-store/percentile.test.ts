import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { propertyParameters } from "../../test/support/property.ts";
import { percentileOf } from "./percentile.ts";

const of = (percentile: number, ...numbers: number[]): number =>
  percentileOf(Float64Array.from(numbers), percentile);

describe("a percentile", () => {
  for (const [percentile, numbers, expected] of [
    [50, [1, 2, 3], 2],
    [50, [1, 2, 3, 4], 2.5],
    [0, [1, 2, 3], 1],
    [100, [1, 2, 3], 3],
    [25, [0, 10], 2.5],
    [90, [15, 20, 35, 40, 50], 46],
    [99.9, [7], 7],
    [50, [-3, -1], -2],
    [75, [5, 5, 5, 9], 6],
  ] as const) {
    test(`${percentile} of ${numbers.join(", ")} is ${expected}`, () => {
      expect(of(percentile, ...numbers)).toBeCloseTo(expected, 12);
    });
  }

  test("of nothing is nothing", () => {
    expect(of(50)).toBeNaN();
  });

  test("that is one of the numbers is that number, however far apart they are", () => {
    const most = Number.MAX_VALUE;
    expect([0, 50, 100].map((percentile) => of(percentile, -most, 0, most))).toEqual([
      -most,
      0,
      most,
    ]);
    expect([0, 100].map((percentile) => of(percentile, -most, most))).toEqual([-most, most]);
  });

  test("lies between the numbers, and rises with the percentage", () => {
    const numbers = fc.array(fc.double({ min: -1e6, max: 1e6, noNaN: true }), { minLength: 1 });
    const percentage = fc.double({ min: 0, max: 100, noNaN: true });
    fc.assert(
      fc.property(numbers, percentage, percentage, (values, a, b) => {
        const sorted = values.toSorted((x, y) => x - y);
        const [low, high] = [a, b].sort((x, y) => x - y) as [number, number];
        expect(of(low, ...sorted)).toBeGreaterThanOrEqual(sorted[0] as number);
        expect(of(high, ...sorted)).toBeLessThanOrEqual((sorted.at(-1) as number) + 1e-9);
        expect(of(low, ...sorted)).toBeLessThanOrEqual(of(high, ...sorted) + 1e-9);
      }),
      propertyParameters(),
    );
  });
});
