import fc from "fast-check";
import { expect, test } from "vitest";
import { units, zoneOf } from "../../test/support/cut-periods.ts";
import { propertyParameters } from "../../test/support/property.ts";
import { dayMs } from "./calendar-unit.ts";
import { cutIntoPeriods } from "./periods.ts";
import { type SteppedUnit, unitEnd, unitStart, unitsBefore } from "./unit-steps.ts";

const stepped = units.filter((unit): unit is SteppedUnit => unit !== "total");
const zoneNames = ["UTC", "Europe/Berlin", "America/St_Johns", "Australia/Lord_Howe", "Asia/Gaza"];

test("units begin and end where periods do, and as many before as are asked for", () => {
  fc.assert(
    fc.property(
      fc.constantFrom(...stepped),
      fc.constantFrom(...zoneNames),
      fc.integer({ min: Date.UTC(1950, 0), max: Date.UTC(2050, 0) }),
      fc.integer({ min: 1, max: 60 }),
      (...[unit, name, at, count]) => {
        const steps = { unit, zone: zoneOf(name) };
        const start = unitStart(steps, at);
        const end = unitEnd(steps, at);
        expect(start).toBeLessThanOrEqual(at);
        expect(end).toBeGreaterThan(at);
        const far = { ...steps, from: start - 2 * 366 * dayMs, to: end + 1 };
        if (unit === "hour") far.from = start - 100 * dayMs;
        const cuts = [...cutIntoPeriods(far, 1e6).boundaries];
        expect(cuts[cuts.indexOf(start) + 1]).toBe(end);
        const before = cuts[cuts.indexOf(start) - count];
        if (before !== undefined && before > far.from) {
          expect(unitsBefore(steps, start, count)).toBe(before);
        }
        expect(unitsBefore(steps, start, 0)).toBe(start);
      },
    ),
    propertyParameters(),
  );
});

test("an hour that was put back by half an hour is one of those counted", () => {
  const steps = { unit: "hour", zone: zoneOf("Australia/Lord_Howe") } as const;
  const at = Date.parse("2024-04-06T16:00Z");
  expect(new Date(unitStart(steps, at)).toISOString()).toBe("2024-04-06T15:30:00.000Z");
  const start = unitStart(steps, at);
  const before = (count: number) => new Date(unitsBefore(steps, start, count)).toISOString();
  expect(before(1)).toBe("2024-04-06T15:00:00.000Z");
  expect(before(2)).toBe("2024-04-06T14:00:00.000Z");
});
