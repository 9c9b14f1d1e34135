import fc from "fast-check";
import { expect, test } from "vitest";
import { propertyParameters } from "../../test/support/property.ts";
import { slicesAround } from "./group-batches.ts";

const placesArbitrary = fc.array(
  fc.record({ low: fc.nat(100_000), spread: fc.integer({ min: 1, max: 5 }) }),
  { minLength: 1, maxLength: 200 },
);

test("slices hold every group that is wanted, are small enough, few, and never hold a group twice", () => {
  fc.assert(
    fc.property(placesArbitrary, fc.integer({ min: 1, max: 5000 }), (drawn, groupsAtOnce) => {
      const places = drawn.map(({ low, spread }) => ({ low, high: low + spread }));
      const slices = slicesAround(places, groupsAtOnce);
      for (const { low, high } of places) {
        for (let place = low; place < high; place++) {
          const holding = slices.filter(({ from, count }) => place >= from && place < from + count);
          expect(holding).toHaveLength(1);
        }
      }
      let end = 0;
      let whole = 0;
      for (const { from, count } of slices) {
        expect(from).toBeGreaterThanOrEqual(end);
        expect(count).toBeLessThanOrEqual(groupsAtOnce);
        end = from + count;
        whole += count;
      }
      // Each run of neighbours has one slice at most that is not full.
      expect(slices.length).toBeLessThanOrEqual(32 + whole / groupsAtOnce);
    }),
    propertyParameters(),
  );
});

test("what lies between two groups far apart is left out", () => {
  const places = [10, 90_000, 11].map((low) => ({ low, high: low + 1 }));
  expect(slicesAround(places, 10_000)).toEqual([
    { from: 10, count: 2 },
    { from: 90_000, count: 1 },
  ]);
});

test("groups wanted all over are not asked for one by one", () => {
  const places = Array.from({ length: 500 }, (_, index) => ({
    low: index * 100,
    high: index * 100 + 1,
  }));
  expect(slicesAround(places, 50_000)).toHaveLength(32);
});
