import { describe, expect, test } from "vitest";
import { TiffinError } from "../errors.ts";
import { atLevel, checkedPath, checkedPattern, isWithin, pathBytesMax } from "./path.ts";

describe("a path that is to be stored", () => {
  for (const [text, path] of [
    ["a", "a"],
    ["/a/b", "a/b"],
    ["a/b/", "a/b"],
    ["/a/b/", "a/b"],
    ["a*/b", "a*/b"],
    ["a/?", "a/?"],
    ["%/_/\\", "%/_/\\"],
    ["ä/\u{1F600}", "ä/\u{1F600}"],
    ["a".repeat(pathBytesMax), "a".repeat(pathBytesMax)],
    [`/${"ü".repeat(pathBytesMax / 2)}/`, "ü".repeat(pathBytesMax / 2)],
  ] as const) {
    test(`${text.slice(0, 20)} is ${path.slice(0, 20)}`, () => {
      expect(checkedPath(text, "source")).toBe(path);
      expect(checkedPath(path, "source")).toBe(path);
    });
  }

  for (const [text, description] of [
    ["", "is empty"],
    ["/", "is empty"],
    ["//", "is empty"],
    ["//a", "has an empty segment"],
    ["a//b", "has an empty segment"],
    ["a//", "has an empty segment"],
    ["?", "a path cannot begin with ?, which stands for none"],
    ["/?", "a path cannot begin with ?, which stands for none"],
    ["?/a", "a path cannot begin with ?, which stands for none"],
    ["*", "the segment * matches any; it cannot be stored"],
    ["a/*/b", "the segment * matches any; it cannot be stored"],
    ["a\0b", "has a NUL character"],
    ["a/\uD83D", "holds half of a surrogate pair"],
    ["ü".repeat(513), "has 1026 bytes, and 1024 are the most"],
  ] as const) {
    test(`${JSON.stringify(text.slice(0, 20))} is refused: ${description}`, () => {
      expect(violationOf(() => checkedPath(text, "source"))).toEqual({
        field: "source",
        description,
      });
    });
  }
});

test("a pattern may have segments that match any, and be that for no path", () => {
  for (const pattern of ["*", "a/*/b", "?", "a"]) {
    expect(checkedPattern(`/${pattern}/`, "paths[0]")).toBe(pattern);
  }
  for (const pattern of ["", "a//b", "\uD83D"]) {
    expect(violationOf(() => checkedPattern(pattern, "paths[0]"))).toHaveProperty("field");
  }
});

describe("a path at a level of detail", () => {
  for (const [path, level, expected] of [
    ["a/b/c", undefined, "a/b/c"],
    ["a/b/c", 0, ""],
    ["a/b/c", 1, "a"],
    ["a/b/c", 2, "a/b"],
    ["a/b/c", 3, "a/b/c"],
    ["a/b/c", 5, "a/b/c/*/*"],
    ["a", 2, "a/*"],
    ["?", undefined, "?"],
    ["?", 0, ""],
    ["?", 3, "?"],
  ] as const) {
    test(`${path} at ${level} is ${JSON.stringify(expected)}`, () => {
      expect(atLevel(path, level)).toBe(expected);
    });
  }
});

test("a path is within itself and those above it, by whole segments", () => {
  expect(["a", "a/b", "a/b/c"].map((above) => isWithin("a/b/c", above))).toEqual([
    true,
    true,
    true,
  ]);
  expect(["a/b/c/d", "a/bc", "b", ""].map((above) => isWithin("a/b/c", above))).toEqual([
    false,
    false,
    false,
    false,
  ]);
  expect(isWithin("ab", "a")).toBe(false);
});

function violationOf(refused: () => unknown): unknown {
  try {
    refused();
  } catch (error) {
    if (error instanceof TiffinError) return error.details.violations?.[0];
    throw error;
  }
  throw new Error("it was not refused");
}
