import fc from "fast-check";
import { IANAZone } from "luxon";
import { describe, expect, test } from "vitest";
import { zoneOf } from "../../test/support/cut-periods.ts";
import { propertyParameters } from "../../test/support/property.ts";
import { Calendar } from "./calendar.ts";
import { hourMs } from "./calendar-unit.ts";
import { TimeZone } from "./time-zone.ts";

describe("names", () => {
  test.each([
    "Nowhere/Atlantis",
    "local",
    "system",
    "default",
    "+01:00",
    "-3",
    " UTC",
    "UTC ",
    "\0",
  ])("%j is no zone, and what is refused is named with its field", (name) => {
    expect(() => new Calendar().zone(name, "query.time_zone")).toThrowError(
      expect.objectContaining({
        kind: "invalid_field",
        details: expect.objectContaining({
          metadata: { field: "query.time_zone", value: name },
        }),
      }),
    );
  });

  test("a zone is one however it is written, and none is UTC", () => {
    const calendar = new Calendar();
    expect(calendar.zone("eUROPE/bERLIN", "").name).toBe("Europe/Berlin");
    for (const name of ["", "UTC", "Zulu", "Etc/UTC"])
      expect(calendar.zone(name, "").name).toBe("UTC");
  });

  test("a zone that began without an offset and took summer time later is not taken for UTC", () => {
    expect(zoneOf("Antarctica/Troll").isFixed).toBe(false);
    expect(Intl.supportedValuesOf("timeZone").filter((name) => zoneOf(name).isFixed)).toEqual([]);
    expect(zoneOf("Etc/GMT-5").isFixed).toBe(true);
  });
});

describe("offsets", () => {
  const zones = Intl.supportedValuesOf("timeZone");

  test("are those that luxon says, to the second, in every zone and year", () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...zones),
        fc.integer({ min: Date.UTC(1800, 0), max: Date.UTC(9999, 0) }),
        (name, at) => {
          expect(zoneOf(name).offsetAt(at)).toBe(
            Math.round(new IANAZone(name).offset(at) * 60_000),
          );
        },
      ),
      propertyParameters(500),
    );
  });

  test("are found to change at every instant at which they do, in every zone", () => {
    const at = { min: Date.UTC(1860, 0), max: Date.UTC(2090, 0) };
    fc.assert(
      fc.property(fc.constantFrom(...zones), fc.integer(at), (name, from) => {
        const zone = zoneOf(name);
        const to = from + 100 * 24 * hourMs;
        const stretches = zone.stretches(from, to);
        expect(stretches[0]?.from).toBe(from);
        expect(stretches.at(-1)?.to).toBe(to);
        for (const [index, { to: end, offset }] of stretches.slice(0, -1).entries()) {
          expect(stretches[index + 1]?.from).toBe(end);
          expect(stretches[index + 1]?.offset).not.toBe(offset);
          expect(zone.offsetAt(end - 1)).toBe(offset);
        }
        const offsetOf = (at: number) => stretches.find((one) => at < one.to)?.offset;
        for (let at = from; at < to; at += hourMs) expect(zone.offsetAt(at)).toBe(offsetOf(at));
      }),
      propertyParameters(20),
    );
  });

  test("of a few days between two that are alike are found, as Freetown's of September 1939", () => {
    const changes = TimeZone.find("Africa/Freetown")?.stretches(
      Date.UTC(1939, 7),
      Date.UTC(1939, 9),
    );
    // ICU knows Freetown as Abidjan, which had none of it.
    expect(changes?.length === 1 || changes?.length === 3).toBe(true);
    expect(
      zoneOf("America/Recife").stretches(Date.UTC(2000, 9, 1), Date.UTC(2000, 9, 30)),
    ).toMatchObject([
      { offset: -3 * hourMs },
      { from: Date.UTC(2000, 9, 8, 3), to: Date.UTC(2000, 9, 15, 2), offset: -2 * hourMs },
      { offset: -3 * hourMs },
    ]);
  });
});

test("the first instant of a local time is found, alike whether its neighbours were asked for before or not", () => {
  const { min, max } = { min: Date.UTC(1930, 0), max: Date.UTC(2040, 0) };
  fc.assert(
    fc.property(
      fc.constantFrom(
        "Europe/Berlin",
        "America/St_Johns",
        "America/Havana",
        "Pacific/Apia",
        "Asia/Gaza",
      ),
      fc.array(fc.integer({ min, max }), { minLength: 1, maxLength: 5 }),
      (name, locals) => {
        const zone = zoneOf(name);
        for (const local of locals) {
          const days = Array.from({ length: 20 }, (_, day) => local + day * 24 * hourMs);
          expect(days.map((day) => zone.firstAt(day))).toEqual(
            days.map((day) => zoneOf(name).firstAt(day)),
          );
          const at = zone.firstAt(local);
          expect(zone.localAt(at)).toBeGreaterThanOrEqual(local);
          for (let before = at - 1; before > at - 26 * hourMs; before -= 60_000) {
            expect(zone.localAt(before)).toBeLessThan(local);
          }
        }
      },
    ),
    propertyParameters(8),
  );
});
