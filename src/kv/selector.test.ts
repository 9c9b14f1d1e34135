import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { propertyParameters } from "../../test/support/property.ts";
import { child, contains, intersection, key } from "../store/key.ts";
import { fromRange, prefixEnd, toRange, toSelection } from "./selector.ts";

const root = key(1, "kv", 7);
const name = fc.string({
  maxLength: 4,
  unit: fc.constantFrom(
    "a",
    "b",
    "\u0000",
    "\u007f",
    "é",
    "\ud7ff",
    "\ue000",
    "\uffff",
    "\u{1f600}",
    "\u{10ffff}",
  ),
});
const selection = fc.oneof(
  name.map((prefix) => ({ start: prefix, end: prefixEnd(prefix) })),
  fc.tuple(name, name).map(([start, end]) => ({ start, end })),
);

describe("a selection", () => {
  test("by prefix holds what begins so, and nothing else", () => {
    fc.assert(
      fc.property(name, name, (prefix, candidate) => {
        const chosen = toSelection({ case: "prefix", value: prefix }, 1024);
        expect(contains(toRange(root, chosen), child(root, candidate))).toBe(
          candidate.startsWith(prefix),
        );
      }),
      propertyParameters(1000),
    );
  });

  test("of one key holds it alone", () => {
    fc.assert(
      fc.property(name, name, (chosen, candidate) => {
        const range = toRange(root, toSelection({ case: "key", value: chosen }, 1024));
        expect(contains(range, child(root, candidate))).toBe(candidate === chosen);
      }),
      propertyParameters(1000),
    );
  });

  test("comes back from its range, and from what two ranges share", () => {
    fc.assert(
      fc.property(selection, selection, name, (one, two, candidate) => {
        expect(fromRange(root, toRange(root, one))).toEqual(one);
        const shared = intersection(toRange(root, one), toRange(root, two));
        if (shared === undefined) return;
        const record = child(root, candidate);
        expect(contains(toRange(root, fromRange(root, shared)), record)).toBe(
          contains(shared, record),
        );
      }),
      propertyParameters(1000),
    );
  });

  test("of everything is everything under the root, and nothing beside it", () => {
    const range = toRange(root, toSelection({ case: undefined }, 1024));
    expect(contains(range, child(root, ""))).toBe(true);
    expect(contains(range, child(root, "\u{10ffff}\u{10ffff}"))).toBe(true);
    expect(contains(range, child(key(1, "kv", 8), "a"))).toBe(false);
    expect(contains(range, root)).toBe(false);
  });
});
