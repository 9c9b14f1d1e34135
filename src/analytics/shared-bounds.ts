import { limitExceeded, TiffinError } from "../errors.ts";
import type { AnalyticsLimits } from "./analytics-limits.ts";
import { HeldTogether } from "./held-together.ts";

/** Bounds that all calls of the room have in common. */
export interface SharedBounds {
  /** Numbers of the slices that are being sent, of streamed answers and of watched ones. */
  readonly slices: HeldTogether;
  /** Groups that watches remember, to tell what changes. */
  readonly remembered: HeldTogether;
}

export const sharedBounds = ({ analyticsNumbersMax }: AnalyticsLimits): SharedBounds => ({
  slices: new HeldTogether({
    max: slicesHeldMax * analyticsNumbersMax,
    mayPassAlone: true,
    refusal: tooManyAnswers,
  }),
  remembered: rememberedGroups(rememberedMax),
});

export const rememberedGroups = (max: number): HeldTogether =>
  new HeldTogether({
    max,
    mayPassAlone: false,
    refusal: (max, actual) => limitExceeded("groups of all watches", max, actual),
  });

const tooManyAnswers = (max: number, actual: number): TiffinError =>
  new TiffinError(
    "overloaded",
    `answers that are being sent would hold ${actual} numbers, and ${max} are the most (${slicesHeldMax} times TIFFIN_ANALYTICS_NUMBERS_MAX): read answers as they come, and try again later`,
    {
      metadata: { limit: "numbers being sent", max: String(max), actual: String(actual) },
      retryAfterMs,
    },
  );

/** So many readers may stop reading the largest slices that there are; one takes about 8 MiB at the default. */
const slicesHeldMax = 16;
const retryAfterMs = 1000;
/** In the process, however many watches there are. */
const rememberedMax = 500_000;
