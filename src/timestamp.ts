import type { Timestamp } from "@bufbuild/protobuf/wkt";

/** Unix milliseconds as the contract says them, to the millisecond. */
export function toTimestamp(ms: number): Timestamp {
  const seconds = Math.floor(ms / 1000);
  return {
    $typeName: "google.protobuf.Timestamp",
    seconds: BigInt(seconds),
    nanos: Math.floor(ms - seconds * 1000) * nanosPerMs,
  };
}

const nanosPerMs = 1_000_000;

/** 9999-12-31T23:59:59.999Z: a google.protobuf.Timestamp says no more. */
export const expireAtMax = 253_402_300_799_999;
