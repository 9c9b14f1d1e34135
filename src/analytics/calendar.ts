import { LRUCache } from "lru-cache";
import { invalidField } from "../errors.ts";
import { cutIntoPeriods, type PeriodRange, type Periods } from "./periods.ts";
import { TimeZone } from "./time-zone.ts";

/** Cuts ranges of time into periods. It remembers the time zones and the ranges that were asked for last. */
export class Calendar {
  readonly #zones = new LRUCache<string, TimeZone>({ max: zonesMax });
  readonly #periods = new LRUCache<string, Periods>({
    maxSize: periodsMax,
    sizeCalculation: ({ labels }) => labels.length + 1,
  });

  /** Empty: UTC. */
  zone(name: string, field: string): TimeZone {
    const asked = name === "" ? "UTC" : name;
    const remembered = this.#zones.get(asked);
    if (remembered !== undefined) return remembered;
    const found = TimeZone.find(asked);
    if (found === undefined) {
      throw invalidField(field, "is no time zone that is known, such as Europe/Berlin", name);
    }
    this.#zones.set(asked, found);
    return found;
  }

  /** As `cutIntoPeriods`. What is answered is shared, and not to be changed. */
  periods(range: PeriodRange, max: number): Periods {
    const { from, to, unit, zone } = range;
    const key = `${from} ${to} ${JSON.stringify(unit)} ${zone.name}`;
    const remembered = this.#periods.get(key);
    if (remembered !== undefined && remembered.labels.length <= max) return remembered;
    const periods = cutIntoPeriods(range, max);
    this.#periods.set(key, periods);
    return periods;
  }
}

/** Each holds a formatter of some 30 KB. There are fewer than 700 names, but each may be written in upper and lower case. */
const zonesMax = 100;
/** Of all ranges together: some 10 MB of labels. More than these are made anew. */
const periodsMax = 100_000;
