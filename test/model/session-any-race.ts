import fc from "fast-check";
import {
  create,
  get,
  remove,
  removeBySubject,
  rotate,
  touch,
  update,
} from "./session-operations.ts";
import {
  openRace,
  type RaceOptions,
  type SessionRace,
  type Setting,
  timePasses,
} from "./session-race.ts";

const before = fc.array(fc.oneof(create, create, rotate), { minLength: 2, maxLength: 5 });
const racing = fc.array(
  fc.oneof(create, get, touch, update, rotate, rotate, remove, removeBySubject),
  { minLength: 2, maxLength: 5 },
);
const instant = fc.record({ at: fc.nat({ max: 9 }), offset: fc.constantFrom(-1, -0.5, 0, 0.5, 1) });

/** Whatever races, there is an order in which the model does the same. */
export const anyRace = (setting: Setting, options: RaceOptions = {}) =>
  fc.asyncProperty(fc.scheduler(), before, racing, async (scheduler, given, asked) => {
    const race = await openRace(scheduler, setting, options);
    for (const { toOperation } of given) await race.perform(toOperation(race.model));
    await race.race(asked.map(({ toOperation }) => toOperation(race.model)));
  });

/** The same, while time passes at which something ends. */
export const anyTimedRace = (setting: Setting, options: RaceOptions = {}) =>
  fc.asyncProperty(
    ...[fc.scheduler(), before, fc.tuple(racing, instant)],
    async (scheduler, given, [asked, ending]) => {
      const race = await openRace(scheduler, setting, { sweeping: true, ...options });
      for (const { toOperation } of given) await race.perform(toOperation(race.model));
      const operations = asked.map(({ toOperation }) => toOperation(race.model));
      await race.race(operations, [timePasses(msTo(race, ending))]);
    },
  );

/** How long it is to an instant at which something ends, or just before or after it. */
function msTo({ model }: SessionRace, { at, offset }: { at: number; offset: number }): number {
  const instants = model.instants();
  const chosen = instants[at % Math.max(1, instants.length)] ?? model.now;
  return Math.max(0, chosen + offset - model.now);
}
