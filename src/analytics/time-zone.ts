import { IANAZone } from "luxon";

/** A while in which the zone has one offset. All are Unix milliseconds, but for the offset: how much local time is ahead. */
export interface Stretch {
  readonly from: number;
  readonly to: number;
  readonly offset: number;
}

/**
 * A time zone as the machine's one database of them knows it. Local time is a number as Unix milliseconds are, of the same
 * calendar and clock in UTC.
 */
export class TimeZone {
  /** As the database writes it, however it was asked for. */
  readonly name: string;
  /** Whether it has one offset for ever, as UTC has. No place on earth has. */
  readonly isFixed: boolean;
  readonly #format: Intl.DateTimeFormat;
  /** None yet, unless it is fixed. */
  #known: Stretch = { from: Number.POSITIVE_INFINITY, to: Number.NEGATIVE_INFINITY, offset: 0 };

  /** Undefined: there is no such zone. What is no name but an offset (`+01:00`) is none, nor is the machine's own (`local`). */
  static find(name: string): TimeZone | undefined {
    return /^[A-Za-z]/.test(name) && IANAZone.isValidZone(name) ? new TimeZone(name) : undefined;
  }

  private constructor(name: string) {
    this.#format = new Intl.DateTimeFormat("en-US", { timeZone: name, timeZoneName: "longOffset" });
    this.name = this.#format.resolvedOptions().timeZone;
    this.isFixed = /^(UTC|GMT|Etc\/)/.test(this.name);
    if (this.isFixed)
      this.#known = {
        from: Number.NEGATIVE_INFINITY,
        to: Number.POSITIVE_INFINITY,
        offset: this.offsetAt(0),
      };
  }

  /** Asked of Intl itself, which is five times as fast as through luxon. */
  offsetAt(at: number): number {
    const [, sign, hours, minutes, seconds = "0"] = offsetForm.exec(this.#format.format(at)) ?? [];
    if (sign === undefined) return 0;
    const ms = ((Number(hours) * 60 + Number(minutes)) * 60 + Number(seconds)) * 1000;
    return sign === "-" ? -ms : ms;
  }

  /** The range in stretches of one offset, which differs from one to the next. */
  stretches(from: number, to: number): Stretch[] {
    const found: Stretch[] = [];
    let begin = from;
    let offset = this.offsetAt(from);
    let at = this.isFixed ? to : from;
    while (at < to) {
      const next = Math.min(at + sameForMs, to);
      const isSame = this.offsetAt(next) === offset;
      at = isSame ? next : this.#changeIn(at, next);
      if (isSame || at === to) continue;
      found.push({ from: begin, to: at, offset });
      begin = at;
      offset = this.offsetAt(at);
    }
    found.push({ from: begin, to, offset });
    return found;
  }

  /**
   * The first instant at which the local clock shows this time or a later one. So a day begins with its first midnight where it has two, and
   * with the hour after it where there is none; and no two days begin in another order.
   */
  firstAt(local: number): number {
    const [since, until] = [local - offsetMsMax, local + offsetMsMax];
    if (this.#isKnown(since, until)) return local - this.#known.offset;
    const stretches = this.stretches(since, until);
    if (stretches.length === 1) this.#known = stretches[0] as Stretch;
    for (const { from, to, offset } of stretches) {
      const at = Math.max(from, local - offset);
      if (at < to) return at;
    }
    throw new Error(`no local time of ${this.name} reaches ${local}`);
  }

  localAt(at: number): number {
    return at + this.offsetAt(at);
  }

  /** Whether one offset is known to hold from here to there. What is known grows, as days are asked for one after the other. */
  #isKnown(since: number, until: number): boolean {
    const { from, to, offset } = this.#known;
    if (since < from || since > to) return false;
    if (until <= to) return true;
    const further = to + sameForMs;
    if (until > further || this.offsetAt(further) !== offset) return false;
    this.#known = { from, to: further, offset };
    return true;
  }

  /** The first instant after `before` at which the offset is not what it was there; `after` has another. */
  #changeIn(before: number, after: number): number {
    const offset = this.offsetAt(before);
    let low = before;
    let high = after;
    while (high - low > 1) {
      const middle = Math.floor((low + high) / 2);
      if (this.offsetAt(middle) === offset) low = middle;
      else high = middle;
    }
    return high;
  }
}

const offsetForm = /GMT([+-])(\d\d):(\d\d)(?::(\d\d))?$/;
const dayMs = 86_400_000;
/**
 * No offset lasts less long between two that are alike: the shortest that ever did was that of Freetown from 1 to 5 September 1939,
 * 3 days, 23 hours and 40 minutes. So the same at both ends means the same between.
 */
const sameForMs = 3 * dayMs;
/** More than any offset is (15 hours 13 minutes, Juneau's until 1867) and the clock was ever put back at once (24 hours, there and then). */
const offsetMsMax = 1.5 * dayMs;
