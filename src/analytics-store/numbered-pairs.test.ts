import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { propertyParameters } from "../../test/support/property.ts";
import { NumberedPairs, spread } from "./numbered-pairs.ts";

describe("numbered pairs", () => {
  test("are numbered from 1 in the order in which they were first seen, and found again", () => {
    const number = fc.oneof(fc.nat(5), fc.nat(2 ** 31 - 1));
    fc.assert(
      fc.property(fc.array(fc.tuple(number, number), { maxLength: 300 }), (seen) => {
        const pairs = new NumberedPairs();
        const expected = new Map<string, number>();
        for (const [first, second] of seen) {
          const name = `${first} ${second}`;
          expect(pairs.find(first, second)).toBe(expected.get(name) ?? -1);
          if (!expected.has(name)) expected.set(name, expected.size + 1);
          expect(pairs.numberOf(first, second)).toBe(expected.get(name));
        }
        expect(pairs.size).toBe(expected.size);
        for (const [first, second] of seen) {
          expect(pairs.find(first, second)).toBe(expected.get(`${first} ${second}`));
        }
      }),
      propertyParameters(100),
    );
  });

  test("with -1, which is what is not found, are not found", () => {
    const pairs = new NumberedPairs();
    pairs.numberOf(0, 0);
    expect([pairs.find(-1, 0), pairs.find(0, -1), pairs.find(-1, -1)]).toEqual([-1, -1, -1]);
  });

  test("lie far apart, whatever numbers they are multiplied with", () => {
    const firstBits = 32 - 12;
    for (const factor of [1, 3, -1, 2 ** 12 + 1, 2 ** 20 + 1, 0x55555555, 0x0f0f0f0f]) {
      const slots = new Set<number>();
      for (let number = 0; number < 2048; number++) {
        slots.add(spread(Math.imul(number, factor)) >>> firstBits);
      }
      // Of 2048 that are thrown at random into 4096 some 1612 are hit.
      expect(slots.size, String(factor)).toBeGreaterThan(1400);
    }
  });
});
