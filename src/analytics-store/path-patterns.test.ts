import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { propertyParameters } from "../../test/support/property.ts";
import { pathMatcher } from "./path-patterns.ts";

describe("a pattern", () => {
  for (const [pattern, meant, others] of [
    ["a/b", ["a/b", "a/b/c"], ["a", "a/bc", "b/a/b", "A/b", "?"]],
    ["*", ["a", "a/b"], ["?"]],
    ["a/*", ["a/b", "a/b/c"], ["a", "b/a", "ab/c", "?"]],
    ["a/*/c", ["a/b/c", "a/x/c/d"], ["a/c", "a/b/cd", "a/b/b/c"]],
    ["*/*", ["a/b", "a/b/c"], ["a", "?"]],
    ["*/c", ["a/c", "b/c/d"], ["c", "a/b/c"]],
    ["?", ["?"], ["a", "?/a", "?a"]],
    ["?/a", ["?/a"], ["?", "b/a"]],
    ["a*", ["a*", "a*/b"], ["ab", "a"]],
    ["a_b", ["a_b"], ["axb"]],
    ["%", ["%"], ["a"]],
    [".+", [".+"], ["ab"]],
  ] as const) {
    test(`${pattern} means ${meant.join(", ")}, and not ${others.join(", ")}`, () => {
      const means = pathMatcher({ include: [pattern], exclude: [] });
      expect(meant.filter((path) => !means(path))).toEqual([]);
      expect(others.filter(means)).toEqual([]);
      const excludes = pathMatcher({ include: [], exclude: [pattern] });
      expect(meant.filter(excludes)).toEqual([]);
      expect(others.filter((path) => !excludes(path))).toEqual([]);
    });
  }
});

test("without patterns everything is meant, also what has no path", () => {
  const means = pathMatcher({ include: [], exclude: [] });
  expect(["a", "a/b", "?"].every(means)).toBe(true);
});

test("any of those included and none of those excluded", () => {
  const means = pathMatcher({ include: ["a", "b/*", "?"], exclude: ["a/x", "*/y"] });
  const paths = ["a", "a/x", "a/x/z", "a/y", "a/z", "b", "b/x", "b/y", "c", "?"];
  expect(paths.filter(means)).toEqual(["a", "a/z", "b/x", "?"]);
});

test("patterns mean the same paths as their definition, segment by segment, however many there are", () => {
  const segment = fc.constantFrom("a", "b", "ab", "*");
  const path = fc.array(fc.constantFrom("a", "b", "ab"), { minLength: 1, maxLength: 4 });
  const patterns = fc.array(fc.array(segment, { minLength: 1, maxLength: 4 }), { maxLength: 8 });
  fc.assert(
    fc.property(patterns, patterns, path, (included, excluded, segments) => {
      const isMeant = (wanted: readonly string[]): boolean =>
        wanted.length <= segments.length &&
        wanted.every((one, index) => one === "*" || one === segments[index]);
      const expected = (included.length === 0 || included.some(isMeant)) && !excluded.some(isMeant);
      const textsOf = (list: readonly string[][]) => list.map((parts) => parts.join("/"));
      const means = pathMatcher({ include: textsOf(included), exclude: textsOf(excluded) });
      expect(means(segments.join("/"))).toBe(expected);
    }),
    propertyParameters(1000),
  );
});
