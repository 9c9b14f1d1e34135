import { expect, test } from "vitest";
import { DimensionOrder } from "./dimension-order.ts";

test("names are in order of code points, whatever came before", () => {
  const order = new DimensionOrder();
  const given = [["b", "a"], ["a", "b"], ["b", "a", "c"], ["b", "c"], [], ["\u{1F600}", "\uFFFD"]];
  const sorted = given.map((names) =>
    order.of(Object.fromEntries(names.map((name) => [name, "path"]))),
  );
  expect(sorted).toEqual([
    ["a", "b"],
    ["a", "b"],
    ["a", "b", "c"],
    ["b", "c"],
    [],
    ["\uFFFD", "\u{1F600}"],
  ]);
});
