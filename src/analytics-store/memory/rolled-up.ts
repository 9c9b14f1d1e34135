import { TiffinError } from "../../errors.ts";

/** What is answered to percentiles where a rollup begins. */
export const rolledUp = (): TiffinError =>
  new TiffinError(
    "rolled_up",
    "a percentile is asked for of series that retention rolled up: their single values are gone",
  );
