import fc from "fast-check";
import { DateTime } from "luxon";
import { describe, expect, test } from "vitest";
import { daily, units, zoneOf } from "../../test/support/cut-periods.ts";
import { propertyParameters } from "../../test/support/property.ts";
import { dayMs } from "./calendar-unit.ts";
import { cutIntoPeriods } from "./periods.ts";

const zoneNames = [
  ...["UTC", "Europe/Berlin", "America/New_York", "America/Sao_Paulo", "Asia/Beirut"],
  ...["Asia/Kolkata", "Australia/Lord_Howe", "America/St_Johns", "America/Havana", "Asia/Gaza"],
  ...["Pacific/Apia", "Africa/Casablanca", "Africa/Cairo", "Asia/Kathmandu", "Antarctica/Troll"],
];
/** Until then St. John's had an offset of 52 seconds, which luxon does not print. */
const since1936 = { min: Date.UTC(1936, 0), max: Date.UTC(2080, 0) };
const ranges = fc.record({
  name: fc.constantFrom(...zoneNames),
  unit: fc.constantFrom(...units),
  from: fc.integer(since1936),
  lengthMs: fc.oneof(
    fc.integer({ min: 1, max: 3 * dayMs }),
    fc.integer({ min: 1, max: 500 * dayMs }),
  ),
});

describe("any range in any zone", () => {
  test("is covered by its periods from end to end, whose names differ", () => {
    fc.assert(
      fc.property(ranges, ({ name, unit, from, lengthMs }) => {
        const to = from + lengthMs;
        const { boundaries, labels } = cutIntoPeriods({ from, to, unit, zone: zoneOf(name) }, 1e6);
        expect(boundaries[0]).toBe(from);
        expect(boundaries.at(-1)).toBe(to);
        expect(boundaries).toHaveLength(labels.length + 1);
        for (let index = 1; index < boundaries.length; index++) {
          expect(boundaries[index]).toBeGreaterThan(boundaries[index - 1] as number);
        }
        expect(new Set(labels).size).toBe(labels.length);
      }),
      propertyParameters(),
    );
  });

  test("is cut at the same places whatever range they are asked for with", () => {
    fc.assert(
      fc.property(ranges, fc.nat(1000), fc.nat(1000), ({ name, unit, from, lengthMs }, a, b) => {
        if (unit === "total") return;
        const zone = zoneOf(name);
        const to = from + lengthMs;
        const [inner, until] = [a, b]
          .sort((x, y) => x - y)
          .map((n) => from + Math.floor((lengthMs * n) / 1000)) as [number, number];
        const whole = cutIntoPeriods({ from, to, unit, zone }, 1e6);
        const part = cutIntoPeriods({ from: inner, to: until, unit, zone }, 1e6);
        const places = new Map(
          whole.labels.map((label, index) => [label, whole.boundaries[index]]),
        );
        for (const [index, label] of part.labels.entries()) {
          const start = part.boundaries[index] as number;
          expect(start).toBe(Math.max(inner, places.get(label) as number));
        }
      }),
      propertyParameters(),
    );
  });

  test("has every instant in the hour that luxon says", () => {
    fc.assert(
      fc.property(ranges, fc.nat(1000), ({ name, from, lengthMs }, thousandths) => {
        const zone = zoneOf(name);
        const length = Math.min(lengthMs, 10 * dayMs);
        const { boundaries, labels } = cutIntoPeriods(
          { from, to: from + length, unit: "hour", zone },
          1e6,
        );
        const at = from + Math.floor(((length - 1) * thousandths) / 1000);
        const index = boundaries.findLastIndex((start) => start <= at);
        const format = name === "UTC" ? "yyyy/MM/dd/HH" : "yyyy/MM/dd/HHZZ";
        expect(labels[index]).toBe(DateTime.fromMillis(at, { zone: name }).toFormat(format));
      }),
      propertyParameters(300),
    );
  });

  test("has every instant in the latest day that luxon has shown until then", () => {
    fc.assert(
      fc.property(ranges, fc.nat(1000), ({ name, from, lengthMs }, thousandths) => {
        const zone = zoneOf(name);
        const to = from + lengthMs;
        const { boundaries, labels } = cutIntoPeriods({ from, to, unit: daily, zone }, 1e6);
        const at = from + Math.floor(((lengthMs - 1) * thousandths) / 1000);
        const shown = Array.from({ length: 26 * 60 }, (_, minutes) =>
          DateTime.fromMillis(at - minutes * 60_000, { zone: name }).toFormat("yyyy/MM/dd"),
        );
        const index = boundaries.findLastIndex((start) => start <= at);
        expect(labels[index]).toBe(shown.sort().at(-1));
      }),
      propertyParameters(30),
    );
  });
});
