import fc from "fast-check";
import { describe, test } from "vitest";
import { propertyParameters } from "../support/property.ts";
import { anyRace, anyTimedRace } from "./session-any-race.ts";
import { settings } from "./session-race.ts";

describe("whatever races, there is an order in which the model does the same", () => {
  for (const setting of settings) {
    test(`in ${setting}`, async () => {
      await fc.assert(anyRace(setting), propertyParameters(40));
    });
  }
});

describe("what ends while calls race has ended for those that come after it, and for no others", () => {
  for (const setting of settings) {
    test(`in ${setting}${setting === "two processes" ? ", of which one sweeps" : ""}`, async () => {
      await fc.assert(anyTimedRace(setting), propertyParameters(40));
    });
  }
});
