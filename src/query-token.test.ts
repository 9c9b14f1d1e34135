import fc from "fast-check";
import { expect, test } from "vitest";
import { propertyParameters } from "../test/support/property.ts";
import { fromQueryToken, toQueryToken } from "./query-token.ts";
import { key } from "./store/key.ts";

const query = key("List", "default", "a");
const position = fc.string({ unit: "grapheme", maxLength: 40 });

test("a token says where its holder was, in its own query alone", () => {
  fc.assert(
    fc.property(position, (at) => {
      const token = toQueryToken(query, at);
      expect(token).toMatch(/^[A-Za-z0-9_-]+$/);
      expect(fromQueryToken(query, token)).toBe(at);
      expect(fromQueryToken(key("List", "default", "b"), token)).toBeUndefined();
    }),
    propertyParameters(),
  );
});

test("a token that was altered anywhere is none", () => {
  fc.assert(
    fc.property(position, fc.nat(), fc.integer({ min: 1, max: 255 }), (at, where, flip) => {
      const bytes = Buffer.from(toQueryToken(query, at), "base64url");
      const index = where % bytes.length;
      bytes[index] = (bytes[index] ?? 0) ^ flip;
      expect(fromQueryToken(query, bytes.toString("base64url"))).toBeUndefined();
    }),
    propertyParameters(),
  );
});

test.each(["", "A", "AQ", "!!", "\u0000", "x".repeat(4096)])(
  "what never was a token is none: %j",
  (token) => {
    expect(fromQueryToken(query, token)).toBeUndefined();
  },
);

test("a token has one spelling", () => {
  const token = toQueryToken(query, "a");
  for (const other of [`${token}=`, `${token} `, `\n${token}`, `${token}.`]) {
    expect(fromQueryToken(query, other)).toBeUndefined();
  }
});
