import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { propertyParameters } from "../../test/support/property.ts";
import {
  between,
  child,
  contains,
  intersection,
  type Key,
  type KeyPart,
  key,
  lengthOfParts,
  only,
  partsOf,
  startingWith,
  stringAfter,
  within,
} from "./key.ts";

/** Strings of all that is awkward: the terminator, its escape, the last byte, surrogate pairs and what sorts around them. */
const text = fc.oneof(
  fc.string({
    unit: fc.constantFrom("\0", "\x01", "\xff", "a", "b", "\uffff", "\ue000", "\u{1f600}", "é"),
    maxLength: 6,
  }),
  fc.string({ unit: "binary", maxLength: 12 }),
);
const number = fc.oneof(
  fc.double({ noNaN: true }),
  fc.integer(),
  fc.constantFrom(
    0,
    -0,
    1,
    -1,
    0.5,
    256,
    65536,
    2 ** 53,
    -(2 ** 53),
    Number.MIN_VALUE,
    -Number.MIN_VALUE,
    Number.MAX_VALUE,
    Infinity,
    -Infinity,
  ),
);
const part: fc.Arbitrary<KeyPart> = fc.oneof(text, number);
const tuple = fc.array(part, { maxLength: 4 });
/** Two tuples that have much in common. */
const tuples = fc.tuple(tuple, tuple, tuple).map(([shared, a, b]): [KeyPart[], KeyPart[]] => [
  [...shared, ...a],
  [...shared, ...b],
]);

/** The order that keys promise: numbers before strings, numbers as such, strings as their UTF-8 bytes, prefixes first. */
function compareTuples(a: readonly KeyPart[], b: readonly KeyPart[]): number {
  for (const [index, left] of a.entries()) {
    const right = b[index];
    if (right === undefined) return 1;
    const order = compareParts(left, right);
    if (order !== 0) return order;
  }
  return a.length === b.length ? 0 : -1;
}

function compareParts(a: KeyPart, b: KeyPart): number {
  if (typeof a === "number" && typeof b === "number") return a < b ? -1 : a > b ? 1 : 0;
  if (typeof a === "string" && typeof b === "string")
    return Buffer.compare(Buffer.from(a), Buffer.from(b));
  return typeof a === "number" ? -1 : 1;
}

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

/** -0 is 0, as in a Map. */
const normal = (parts: readonly KeyPart[]): KeyPart[] =>
  parts.map((each) => (each === 0 ? 0 : each));

describe("keys", () => {
  test("are decoded to what was encoded", () => {
    fc.assert(
      fc.property(tuple, (parts) => {
        expect(partsOf(key(...parts))).toEqual(normal(parts));
      }),
      propertyParameters(1000),
    );
  });

  test("reason 16, test 12: are in the order of their tuples, and equal only if those are", () => {
    fc.assert(
      fc.property(tuples, ([a, b]) => {
        expect(compare(key(...a), key(...b))).toBe(compareTuples(a, b));
      }),
      propertyParameters(3000),
    );
  });

  test("are in the same order as bytes", () => {
    fc.assert(
      fc.property(tuples, ([a, b]) => {
        const [left, right] = [key(...a), key(...b)];
        const bytes = Buffer.compare(Buffer.from(left, "latin1"), Buffer.from(right, "latin1"));
        expect(compare(left, right)).toBe(bytes);
        expect([...left].every((char) => char.charCodeAt(0) <= 0xff)).toBe(true);
      }),
      propertyParameters(500),
    );
  });

  test("are the same however they are put together", () => {
    fc.assert(
      fc.property(tuple, (parts) => {
        const built = parts.reduce<Key>(child, key());
        expect(built).toBe(key(...parts));
        for (let count = 0; count <= parts.length; count++) {
          expect(built.slice(0, lengthOfParts(built, count))).toBe(key(...parts.slice(0, count)));
        }
        expect(lengthOfParts(built, parts.length + 3)).toBe(built.length);
      }),
      propertyParameters(500),
    );
  });

  test("longer than the scratch space are as good as short ones", () => {
    for (const long of ["x".repeat(5000), "\0".repeat(5000), "é\0".repeat(3000)]) {
      expect(partsOf(key(1, long, 2))).toEqual([1, long, 2]);
      expect(stringAfter(key(1), key(1, long))).toBe(long);
    }
  });

  test("-0 is 0, so that what is equal has one key", () => {
    expect(key(-0)).toBe(key(0));
  });

  test("refuse NaN and half a surrogate pair, wherever it is", () => {
    for (const bad of [Number.NaN, "\ud83d", "a\ude00b", "\0\ud83d", `${"x".repeat(5000)}\ud83d`]) {
      expect(() => key(1, bad)).toThrow(expect.objectContaining({ kind: "invalid_field" }));
    }
    const half = "\ud83d";
    expect(() => startingWith(key(1), half)).toThrow(
      expect.objectContaining({ kind: "invalid_field" }),
    );
    expect(() => between(key(1), half, "")).toThrow(
      expect.objectContaining({ kind: "invalid_field" }),
    );
    expect(() => between(key(1), "", half)).toThrow(
      expect.objectContaining({ kind: "invalid_field" }),
    );
  });
});

describe("ranges", () => {
  test("within holds every extension of the tuple, and nothing else", () => {
    fc.assert(
      fc.property(tuples, ([parent, other]) => {
        const beginning = other.slice(0, parent.length);
        const isLonger = other.length > parent.length;
        const expected = isLonger && compareTuples(beginning, parent) === 0;
        expect(contains(within(key(...parent)), key(...other))).toBe(expected);
      }),
      propertyParameters(1000),
    );
  });

  test("startingWith holds the strings with that prefix, and nothing else", () => {
    const cases = fc.tuple(tuple, text, fc.oneof(part, fc.tuple(text, text)));
    fc.assert(
      fc.property(cases, ([parent, prefix, next]) => {
        const last = Array.isArray(next) ? `${prefix}${next[1]}` : next;
        const expected = typeof last === "string" && last.startsWith(prefix);
        const range = startingWith(key(...parent), prefix);
        expect(contains(range, key(...parent, last))).toBe(expected);
        expect(contains(range, key(...parent))).toBe(false);
      }),
      propertyParameters(2000),
    );
  });

  test("between holds the strings from start to before end, either open when empty", () => {
    fc.assert(
      fc.property(tuple, fc.tuple(text, text), part, (parent, [start, end], last) => {
        const expected =
          typeof last === "string" &&
          compareParts(last, start) >= 0 &&
          (end === "" || compareParts(last, end) < 0);
        const range = between(key(...parent), start, end);
        expect(contains(range, key(...parent, last))).toBe(expected);
        expect(contains(range, key(...parent))).toBe(false);
      }),
      propertyParameters(2000),
    );
  });

  test("only holds its key alone", () => {
    fc.assert(
      fc.property(tuples, ([a, b]) => {
        expect(contains(only(key(...a)), key(...b))).toBe(key(...a) === key(...b));
      }),
      propertyParameters(500),
    );
  });

  test("an intersection holds what both hold", () => {
    fc.assert(
      fc.property(tuples, tuples, tuple, ([a, b], [c, d], probe) => {
        const first = { start: key(...a), end: key(...b) };
        const second = { start: key(...c), end: key(...d) };
        const shared = intersection(first, second);
        const inBoth = contains(first, key(...probe)) && contains(second, key(...probe));
        expect(shared !== undefined && contains(shared, key(...probe))).toBe(inBoth);
      }),
      propertyParameters(1000),
    );
  });

  test("stringAfter is the string that made the child", () => {
    fc.assert(
      fc.property(tuple, text, (parent, last) => {
        expect(stringAfter(key(...parent), key(...parent, last))).toBe(last);
      }),
      propertyParameters(500),
    );
  });
});
