import fc from "fast-check";
import { expect } from "vitest";

/** The property's own check fails, within a few runs mostly. The same runs each time: how long it takes is no matter of luck. */
export async function expectNoticed<T>(property: fc.IAsyncProperty<T>): Promise<void> {
  const looking = { numRuns: 2000, endOnFailure: true, seed: 1 };
  const { errorInstance } = await fc.check(property, looking);
  expect(errorInstance).toHaveProperty("name", "AssertionError");
}
