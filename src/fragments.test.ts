import fc from "fast-check";
import { expect, test } from "vitest";
import { propertyParameters } from "../test/support/property.ts";
import { fragments } from "./fragments.ts";

test("the parts are the list, in order, none empty, each within the bound or one item alone", () => {
  const sum = (sizes: readonly number[]): number => sizes.reduce((total, size) => total + size, 0);
  fc.assert(
    fc.property(fc.array(fc.nat(20)), fc.integer({ min: 1, max: 30 }), (sizes, max) => {
      const parts = [...fragments(sizes, (size) => size, max)];
      expect(parts.flat()).toEqual(sizes);
      for (const [at, part] of parts.entries()) {
        expect(part.length === 1 || (part.length > 0 && sum(part) <= max)).toBe(true);
        const [next] = parts[at + 1] ?? [];
        if (next !== undefined) expect(sum(part) + next).toBeGreaterThan(max);
      }
    }),
    propertyParameters(),
  );
});
