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
import { openRace, type SessionRace, settings, timePasses } from "./session-race.ts";

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
        propertyParameters(60),
      );
    });
  }
});

const instant = fc.record({ at: fc.nat({ max: 9 }), offset: fc.constantFrom(-1, -0.5, 0, 0.5, 1) });

describe("what ends while calls race has ended for those that come after it, and for those it lasted no longer", () => {
  for (const setting of settings) {
    test(`in ${setting}${setting === "two processes" ? " of which one sweeps" : ""}`, async () => {
      await fc.assert(
        fc.asyncProperty(
          ...[fc.scheduler(), before, fc.tuple(racing, instant)],
          async (scheduler, given, [asked, ending]) => {
            const race = await openRace(scheduler, setting, { sweeping: true });
            for (const { toOperation } of given) await race.perform(toOperation(race.model));
            const operations = asked.map(({ toOperation }) => toOperation(race.model));
            await race.race(operations, [timePasses(msTo(race, ending))]);
          },
        ),
        propertyParameters(60),
      );
    });
  }
});

/** How long it is to an instant at which something ends, or just before or after it. */
function msTo({ model }: SessionRace, { at, offset }: { at: number; offset: number }): number {
  const instants = model.instants();
  const chosen = instants[at % Math.max(1, instants.length)] ?? model.now;
  return Math.max(0, chosen + offset - model.now);
}
