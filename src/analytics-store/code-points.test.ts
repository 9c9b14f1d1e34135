import fc from "fast-check";
import { expect, test } from "vitest";
import { propertyParameters } from "../../test/support/property.ts";
import { byCodePoints } from "./code-points.ts";

/** fast-check's own takes seconds to begin with. */
const anyCodePoint = fc
  .integer({ min: 0, max: 0x10_ffff })
  .filter((code) => code < 0xd800 || code > 0xdfff)
  .map((code) => String.fromCodePoint(code));

const byBytes = (a: string, b: string): number => Buffer.compare(Buffer.from(a), Buffer.from(b));

test("what is beyond U+FFFF comes after what is before it, whatever UTF-16 says", () => {
  const sorted = ["", "A", "a", "aa", "a\u{1F600}", "ab", "ä", "\uD7FF", "\uE000", "\uFFFD"];
  const beyond = ["\u{10000}", "\u{1F600}", "\u{1F600}a", "\u{1F601}", "\u{10FFFF}"];
  const all = [...sorted, ...beyond].sort(byBytes);
  expect(all.toReversed().sort(byCodePoints)).toEqual(all);
  expect(byCodePoints("\uFFFD", "\u{1F600}")).toBeLessThan(0);
});

test("the order is that of the bytes in UTF-8", () => {
  const unit = fc.constantFrom("a", "b", "\uD7FF", "\uE000", "\uFFFD", "\u{10000}", "\u{10FFFF}");
  const text = fc.oneof(fc.string({ unit: anyCodePoint }), fc.string({ unit, maxLength: 4 }));
  fc.assert(
    fc.property(text, text, (a, b) => {
      expect(Math.sign(byCodePoints(a, b))).toBe(byBytes(a, b));
      expect(Math.sign(byCodePoints(b, a)) + 0).toBe(-byBytes(a, b) + 0);
    }),
    propertyParameters(1000),
  );
});
