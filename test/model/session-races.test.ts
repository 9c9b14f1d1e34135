import fc from "fast-check";
import { describe, test } from "vitest";
import { propertyParameters } from "../support/property.ts";
import {
  create,
  get,
  remove,
  removeBySubject,
  rotate,
  touch,
  update,
} from "./session-operations.ts";
import { openRace, settings } from "./session-race.ts";

const before = fc.array(fc.oneof(create, create, rotate), { minLength: 2, maxLength: 5 });
const racing = fc.array(
  fc.oneof(create, get, touch, update, rotate, rotate, remove, removeBySubject),
  { minLength: 2, maxLength: 5 },
);

describe("whatever races, there is an order in which the model does the same", () => {
  for (const setting of settings) {
    test(`in ${setting}`, async () => {
      await fc.assert(
        fc.asyncProperty(fc.scheduler(), before, racing, async (scheduler, given, asked) => {
          const race = await openRace(scheduler, setting);
          for (const { toOperation } of given) await race.perform(toOperation(race.model));
          await race.race(asked.map(({ toOperation }) => toOperation(race.model)));
        }),
        propertyParameters(100),
      );
    });
  }
});
