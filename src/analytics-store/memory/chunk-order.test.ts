import fc from "fast-check";
import { expect, test } from "vitest";
import { propertyParameters } from "../../../test/support/property.ts";
import { reordering } from "./chunk-order.ts";

/** The years 1 and 9999 are so far apart that they do not fit into one number with their places, if there are many. */
const instant = fc.oneof(
  fc.integer({ min: 0, max: 20 }),
  fc.constantFrom(-62_135_596_800_000, 253_402_300_799_999),
);

test("late rows get in order, and of one instant stay in the order in which they came", () => {
  fc.assert(
    fc.property(
      fc.array(instant, { maxLength: 30 }),
      fc.array(instant, { maxLength: 90 }),
      (before, late) => {
        const starts = Float64Array.from([...before.toSorted((a, b) => a - b), ...late, 7, 7]);
        const length = before.length + late.length;
        const places = Array.from({ length }, (_, at) => at);
        const moved = reordering(starts, before.length, length);
        const ordered =
          moved === undefined ? places : [...places.slice(0, moved.from), ...moved.order];
        expect(ordered).toEqual(
          places.toSorted((a, b) => (starts[a] as number) - (starts[b] as number) || a - b),
        );
      },
    ),
    propertyParameters(300),
  );
});

test("rows that come in the order of time are left where they are", () => {
  expect(reordering(Float64Array.of(1, 2, 2, 3, 3), 2, 5)).toBeUndefined();
});
