import type { Duration, Timestamp } from "@bufbuild/protobuf/wkt";
import type { Expiry } from "#gen/tiffin/kv/v1/entry_pb.ts";
import { invalidField } from "../errors.ts";
import { expireAtMax } from "../timestamp.ts";

/** When a record expires, as the store takes it: Unix milliseconds, never, or as it is. */
export type ExpireAt = number | "none" | "keep";

/** The moment that the request means, on the store's clock. */
export function toExpireAt(expiry: Expiry | undefined, field: string, now: number): ExpireAt {
  if (expiry === undefined) return "none";
  const { kind } = expiry;
  switch (kind.case) {
    case "ttl":
      return afterTtl(kind.value, `${field}.ttl`, now);
    case "time":
      return atTime(kind.value, `${field}.time`, now);
    case "keep":
      return "keep";
    case undefined:
      throw invalidField(field, "one of ttl, time, keep is required");
  }
}

/** So long after now, rounded up: nothing expires before it was asked to. */
export function afterTtl({ seconds, nanos }: Duration, field: string, now: number): number {
  if (seconds < 0n || nanos < 0 || (seconds === 0n && nanos === 0)) {
    throw invalidField(field, "must be more than zero", `${seconds}s ${nanos}ns`);
  }
  // Fractions are added to each other: beside a whole date a nanosecond would be lost.
  const wholeMs = Math.floor(now);
  const ms = Number(seconds) * 1000 + Math.ceil(now - wholeMs + nanos / nanosPerMs);
  return representable(wholeMs + ms, field);
}

/** That moment, rounded up, but for the last that a timestamp says: the next millisecond is none any more. */
export function atTime({ seconds, nanos }: Timestamp, field: string, now: number): number {
  const ms = Number(seconds) * 1000 + Math.ceil(nanos / nanosPerMs);
  if (ms <= now) throw invalidField(field, "must lie in the future", isoOf(ms));
  return representable(seconds === lastSecond ? Math.min(ms, expireAtMax) : ms, field);
}

function representable(ms: number, field: string): number {
  if (ms <= expireAtMax) return ms;
  throw invalidField(field, "must not lie beyond the year 9999", String(ms));
}

/** Only for messages: a moment that no Date can hold is said as it is. */
const isoOf = (ms: number): string =>
  Math.abs(ms) <= dateMsMax ? new Date(ms).toISOString() : String(ms);

const nanosPerMs = 1_000_000;
const lastSecond = 253_402_300_799n;
const dateMsMax = 8.64e15;
