import type { Duration } from "@bufbuild/protobuf/wkt";
import { invalidField } from "./errors.ts";

/**
 * In milliseconds, rounded up: nothing is shorter than was asked. Refuses what is negative, or says so in a way that a rule of the contract
 * does not see: over binary, nanoseconds may be negative beside whole seconds, or more than a second has.
 */
export function durationToMs({ seconds, nanos }: Duration, field: string): number {
  if (seconds < 0n || nanos < 0 || nanos >= nanosPerSecond) {
    throw invalidField(field, "is no duration", `${seconds}s ${nanos}ns`);
  }
  return Number(seconds) * 1000 + Math.ceil(nanos / nanosPerMs);
}

/** Whole milliseconds, as the contract says them. */
export const msToDuration = (ms: number): Duration => ({
  $typeName: "google.protobuf.Duration",
  seconds: BigInt(Math.floor(ms / 1000)),
  nanos: (ms % 1000) * nanosPerMs,
});

const nanosPerMs = 1_000_000;
const nanosPerSecond = 1_000_000_000;
