import { type Address, readAddress } from "./rpc/address.ts";

/** One environment variable: how it is called, read and explained. */
export interface Variable<T> {
  readonly name: string;
  /** What stands for its absence, written as one would set it; "" for: nothing. */
  readonly fallback: string;
  /** What a value must be, to end the sentence "expected ...". */
  readonly expected: string;
  readonly meaning: string;
  /** True: a value is never shown. */
  readonly secret?: boolean;
  /** The value, or undefined when the text is no such value. */
  readonly read: (text: string) => { readonly value: T } | undefined;
}

type Described = readonly [name: string, fallback: string, meaning: string];

const describe = ([name, fallback, meaning]: Described) => ({ name, fallback, meaning });

export function text(...described: Described): Variable<string | undefined> {
  const read = (given: string) => ({ value: given === "" ? undefined : given });
  return { ...describe(described), expected: "text", read };
}

export function flag(...described: Described): Variable<boolean> {
  return {
    ...describe(described),
    expected: "true or false",
    read: (given) =>
      given === "true" || given === "false" ? { value: given === "true" } : undefined,
  };
}

export function choice<const T extends string>(
  choices: readonly T[],
  described: Described,
): Variable<T> {
  return {
    ...describe(described),
    expected: `one of ${choices.join(", ")}`,
    read: (given) => {
      const value = choices.find((each) => each === given);
      return value === undefined ? undefined : { value };
    },
  };
}

export function integer(
  range: { readonly min: number; readonly max: number },
  described: Described,
): Variable<number> {
  return {
    ...describe(described),
    expected: `an integer from ${range.min} to ${range.max}`,
    read: (given) => inRange(/^\d+$/.test(given) ? Number(given) : Number.NaN, range),
  };
}

export const byteUnits: Readonly<Record<string, number>> = {
  "": 1,
  KiB: 2 ** 10,
  MiB: 2 ** 20,
  GiB: 2 ** 30,
};

/** `1048576`, `1024KiB` or `1MiB`. */
export function bytes(
  range: { readonly min: number; readonly max: number },
  described: Described,
): Variable<number> {
  return {
    ...describe(described),
    expected: `a number of bytes from ${range.min} to ${range.max}, such as 65536, 64KiB or 1MiB`,
    read: (given) => inRange(withUnit(given, byteUnits), range),
  };
}

const durationUnits: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 };

/** `250ms`, `30s`, `10m` or `1h`, in milliseconds. */
export function duration(
  range: { readonly min: number; readonly max: number },
  described: Described,
): Variable<number> {
  return {
    ...describe(described),
    expected: `a duration from ${range.min}ms to ${range.max}ms, such as 250ms, 30s or 10m`,
    read: (given) => inRange(withUnit(given, durationUnits), range),
  };
}

/** A file's permissions, in octal. */
export function mode(...described: Described): Variable<number> {
  return {
    ...describe(described),
    expected: "three or four octal digits, such as 0600",
    read: (given) =>
      /^0?[0-7]{3}$/.test(given) ? { value: Number.parseInt(given, 8) } : undefined,
  };
}

/** Separated by commas; "" is none. */
export function list(...described: Described): Variable<readonly string[]> {
  return {
    ...describe(described),
    expected: "names separated by commas",
    read: (given) => {
      const values = split(given);
      return values.every((value) => /^\S+$/.test(value)) ? { value: values } : undefined;
    },
  };
}

/** `host:port`, `[host]:port` or `unix:path`, separated by commas. */
export function addresses(...described: Described): Variable<readonly Address[]> {
  return {
    ...describe(described),
    expected: "host:port or unix:path, several separated by commas",
    read: (given) => {
      const read = split(given).map(readAddress);
      const valid = read.filter((address) => address !== undefined);
      return valid.length === read.length ? { value: valid } : undefined;
    },
  };
}

const split = (given: string): string[] =>
  given === "" ? [] : given.split(",").map((each) => each.trim());

function withUnit(given: string, units: Readonly<Record<string, number>>): number {
  const match = /^(\d+)([a-zA-Z]*)$/.exec(given);
  return Number(match?.[1]) * (units[match?.[2] ?? ""] ?? Number.NaN);
}

const inRange = (
  value: number,
  { min, max }: { readonly min: number; readonly max: number },
): { readonly value: number } | undefined =>
  Number.isSafeInteger(value) && value >= min && value <= max ? { value } : undefined;
