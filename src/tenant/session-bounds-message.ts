import type { Duration } from "@bufbuild/protobuf/wkt";
import type { SessionBounds as Message } from "#gen/tiffin/tenant/v1/tenant_service_pb.ts";
import { durationToMs, msToDuration } from "../duration.ts";
import { invalidField } from "../errors.ts";
import type { SessionBounds } from "../session-bounds.ts";

/** The bounds as they are stored. What is absent, or 0, bounds nothing. */
export function toSessionBounds(asked: Message | undefined): SessionBounds {
  if (asked === undefined) return Object.freeze({});
  const { idleTimeoutMax, absoluteTimeoutMax, subjectSessionsMax } = asked;
  return Object.freeze({
    ...(idleTimeoutMax && { idleMsMax: toMs(idleTimeoutMax, "idle_timeout_max") }),
    ...(absoluteTimeoutMax && { absoluteMsMax: toMs(absoluteTimeoutMax, "absolute_timeout_max") }),
    ...(subjectSessionsMax !== 0 && { subjectSessionsMax }),
  });
}

/** The bounds as they are answered; undefined: there are none. */
export function toSessionBoundsMessage(bounds: SessionBounds = {}): Message | undefined {
  const { idleMsMax, absoluteMsMax, subjectSessionsMax = 0 } = bounds;
  if (isUnbounded(bounds)) return undefined;
  return {
    $typeName: "tiffin.tenant.v1.SessionBounds",
    ...(idleMsMax !== undefined && { idleTimeoutMax: msToDuration(idleMsMax) }),
    ...(absoluteMsMax !== undefined && { absoluteTimeoutMax: msToDuration(absoluteMsMax) }),
    subjectSessionsMax,
  };
}

export const isUnbounded = (bounds: SessionBounds): boolean => Object.keys(bounds).length === 0;

/** Whether they can be answered, and sessions be held to them. */
export function areSessionBounds(value: unknown): boolean {
  if (value === undefined) return true;
  if (typeof value !== "object" || value === null || Array.isArray(value)) return false;
  return Object.entries(value).every(
    ([name, bound]) => Number.isSafeInteger(bound) && bound > 0 && bound <= (ceilings[name] ?? 0),
  );
}

function toMs(duration: Duration, name: string): number {
  const field = `tenant.session_bounds.${name}`;
  const ms = durationToMs(duration, field);
  if (ms <= durationMsMax) return ms;
  throw invalidField(field, "is longer than a duration can be");
}

/** 10,000 years: a google.protobuf.Duration says no more. */
const durationMsMax = 315_576_000_000_000;
/** The most of each that may be stored; of sessions, as the contract has it. */
const ceilings: Readonly<Record<string, number>> = {
  idleMsMax: durationMsMax,
  absoluteMsMax: durationMsMax,
  subjectSessionsMax: 500,
};
