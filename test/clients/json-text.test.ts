import fc from "fast-check";
import { expect, test } from "vitest";
import { toJsonText } from "../../gen/typescript/lib/json-text.ts";
import { propertyParameters } from "../support/property.ts";

test("a text is refused exactly if it has half of a surrogate pair, wherever it stands", () => {
  const unit = fc.oneof(
    fc.integer({ min: 0xd7ff, max: 0xe000 }),
    fc.constantFrom(...[...'\\ud8"/n'].map((character) => character.charCodeAt(0))),
  );
  const anyText = fc.array(unit).map((units) => String.fromCharCode(...units));
  fc.assert(
    fc.property(anyText, (text) => {
      for (const value of [text, [text], { [text]: 1 }, { a: { b: text } }]) {
        if (text.isWellFormed()) expect(JSON.parse(toJsonText("it", value))).toEqual(value);
        else expect(() => toJsonText("it", value)).toThrow(/^it cannot be kept .* surrogate pair$/);
      }
    }),
    propertyParameters(1000),
  );
});

test("the message of a cycle names none of the members", () => {
  const cycle: Record<string, unknown> = {};
  cycle["secret"] = cycle;
  expect(() => toJsonText("it", cycle)).toThrow(
    /^it cannot be kept as JSON: [^\n]*circular[^\n]*$/,
  );
});
