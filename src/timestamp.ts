import type { Timestamp } from "@bufbuild/protobuf/wkt";
import { invalidField } from "./errors.ts";

/** Unix milliseconds as the contract says them, to the millisecond. */
export function toTimestamp(ms: number): Timestamp {
  const seconds = Math.floor(ms / 1000);
  return {
    $typeName: "google.protobuf.Timestamp",
    seconds: BigInt(seconds),
    nanos: Math.floor(ms - seconds * 1000) * nanosPerMs,
  };
}

/**
 * In Unix milliseconds; finer digits are dropped. Refuses what is none of the years 1 to 9999, or says its nanoseconds in a way that binary
 * messages can and no rule of the contract sees.
 */
export function timestampToMs({ seconds, nanos }: Timestamp, field: string): number {
  const isInYears = seconds >= firstSecond && seconds <= lastSecond;
  if (!isInYears || nanos < 0 || nanos >= nanosPerSecond) {
    throw invalidField(field, "is no instant of the years 1 to 9999", `${seconds}s ${nanos}ns`);
  }
  return Number(seconds) * 1000 + Math.floor(nanos / nanosPerMs);
}

const nanosPerMs = 1_000_000;
const nanosPerSecond = 1_000_000_000;
/** 0001-01-01T00:00:00Z and 9999-12-31T23:59:59Z: a google.protobuf.Timestamp says no more. */
const firstSecond = -62_135_596_800n;
const lastSecond = 253_402_300_799n;

/** 9999-12-31T23:59:59.999Z: a google.protobuf.Timestamp says no more. */
export const expireAtMax = 253_402_300_799_999;
