import fc from "fast-check";
import { test } from "vitest";
import { propertyParameters } from "../support/property.ts";
import { lifeOfSessions } from "./session-life.ts";

for (const [engine, runs] of [
  ["memory", 40],
  ["sqlite", 5],
] as const) {
  test(`sessions on ${engine} do what the model does, whatever is done in whatever order`, async () => {
    await fc.assert(lifeOfSessions(engine), propertyParameters(runs));
  }, 120_000);
}
