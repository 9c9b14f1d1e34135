import fc from "fast-check";
import { expect, test } from "vitest";
import { replayOf } from "./support/reporter.ts";

test("what the reporter prints for a failed property repeats that failure", () => {
  const property = fc.property(fc.integer(), (number) => number < 1000);
  const report = failureOf(() => fc.assert(property, { seed: 7 }));
  const replay = replayOf(report) ?? "";
  const [, seed, path] = /^TIFFIN_TEST_SEED=(-?\d+) TIFFIN_TEST_PATH=(\S+)$/.exec(replay) ?? [];
  expect(seed).toBe("7");
  const again = failureOf(() =>
    fc.assert(property, { seed: Number(seed), path: path ?? "", endOnFailure: true }),
  );
  expect(again).toContain("Counterexample: [1000]");
});

test("a message that no property wrote has nothing to repeat", () => {
  expect(replayOf("expected 1 to be 2")).toBeUndefined();
});

function failureOf(run: () => void): string {
  try {
    run();
  } catch (error) {
    return (error as Error).message;
  }
  throw new Error("the property held");
}
