import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { propertyParameters } from "../../test/support/property.ts";
import { accrue, periodOf, vesting } from "./accrual.ts";
import type { Boundary } from "./analytics-store.ts";

const bounds = (...instants: number[]): Float64Array => Float64Array.from(instants);
const bothBoundaries: readonly Boundary[] = ["right_open", "left_open"];

describe("the period of an instant", () => {
  test("right open: a boundary belongs to the period that begins there", () => {
    const instants = [-1, 0, 1, 9, 10, 29, 30, 31];
    const periods = instants.map((at) => periodOf(bounds(0, 10, 30), at, "right_open"));
    expect(periods).toEqual([-1, 0, 0, 0, 1, 1, 2, 2]);
  });

  test("left open: a boundary belongs to the period that ends there", () => {
    const instants = [-1, 0, 1, 10, 11, 30, 31];
    const periods = instants.map((at) => periodOf(bounds(0, 10, 30), at, "left_open"));
    expect(periods).toEqual([-1, -1, 0, 0, 1, 1, 2]);
  });

  test("is the one that holds it, however many there are", () => {
    const instants = fc.uniqueArray(fc.integer({ min: -50, max: 50 }), { minLength: 1 });
    fc.assert(
      fc.property(instants, fc.integer({ min: -60, max: 60 }), (made, at) => {
        const boundaries = bounds(...made).sort();
        const before = (boundary: number): boolean => boundary <= at;
        expect(periodOf(boundaries, at, "right_open")).toBe(boundaries.filter(before).length - 1);
        const strictly = boundaries.filter((boundary) => boundary < at).length;
        expect(periodOf(boundaries, at, "left_open")).toBe(strictly - 1);
      }),
      propertyParameters(500),
    );
  });
});

describe("a vesting", () => {
  const whole = { jump: 0, evenly: 0 };
  for (const [what, at, expected] of [
    ["without cliff accrues from its start", { end: 10 }, { ...whole, evenly: 100 }],
    ["with a cliff before its start, too", { end: 10, cliff: -5 }, { ...whole, evenly: 100 }],
    ["jumps at its cliff by what has accrued", { end: 10, cliff: 4 }, { jump: 40, evenly: 60 }],
    ["jumps whole at a cliff that is its end", { end: 10, cliff: 10 }, { jump: 100, evenly: 0 }],
    ["jumps whole at a cliff after its end", { end: 10, cliff: 15 }, { jump: 100, evenly: 0 }],
    ["that ends where it starts jumps", { end: 0 }, { jump: 100, evenly: 0 }],
  ] as const) {
    test(what, () => {
      const cliff = "cliff" in at ? at.cliff : 0;
      expect(vesting(100, 0, at)).toMatchObject({ ...expected, jumpAt: Math.max(0, cliff) });
    });
  }
});

/** The definition: how much there is at an instant, with what happens then or without it. */
function there({ value, start, end, cliff }: Vest, instant: number, including: boolean): number {
  const isBefore = (other: number): boolean => instant < other || (!including && instant === other);
  if (isBefore(start) || isBefore(cliff)) return 0;
  return instant >= end ? value : (value * (instant - start)) / (end - start);
}

interface Vest {
  readonly value: number;
  readonly start: number;
  readonly end: number;
  readonly cliff: number;
}

const vests = fc
  .record({
    value: fc.integer({ min: -1000, max: 1000 }),
    start: fc.integer({ min: -20, max: 40 }),
    length: fc.integer({ min: 0, max: 40 }),
    cliff: fc.integer({ min: -20, max: 80 }),
  })
  .map(({ length, ...vest }): Vest => ({ ...vest, end: vest.start + length }));

const boundariesOf = fc
  .uniqueArray(fc.integer({ min: -20, max: 60 }), { minLength: 2, maxLength: 12 })
  .map((instants) => bounds(...instants).sort());

for (const boundary of bothBoundaries) {
  describe(`what comes about in ${boundary} periods`, () => {
    test("is what there is at their ends, less what there is at their starts", () => {
      fc.assert(
        fc.property(vests, boundariesOf, (vest, boundaries) => {
          const change = new Float64Array(boundaries.length - 1);
          const base = accrue(
            vesting(vest.value, vest.start, vest),
            { boundaries, boundary },
            (period, amount) => {
              change[period] = (change[period] as number) + amount;
            },
          );
          const at = (index: number): number =>
            there(vest, boundaries[index] as number, boundary === "left_open");
          expect(base).toBeCloseTo(at(0), 9);
          for (const [period, amount] of change.entries()) {
            expect(amount).toBeCloseTo(at(period + 1) - at(period), 9);
          }
        }),
        propertyParameters(1000),
      );
    });

    test("and before them is, added up, what there is at the end", () => {
      fc.assert(
        fc.property(vests, boundariesOf, (vest, boundaries) => {
          let sum = 0;
          const base = accrue(
            vesting(vest.value, vest.start, vest),
            { boundaries, boundary },
            (_, amount) => {
              sum += amount;
            },
          );
          sum += base;
          const end = boundaries.at(-1) as number;
          expect(sum).toBeCloseTo(there(vest, end, boundary === "left_open"), 9);
        }),
        propertyParameters(500),
      );
    });
  });
}
