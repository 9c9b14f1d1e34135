import { TiffinError } from "../errors.ts";
import type { JsonObject, RollupParts } from "./series.ts";

/** What is answered to percentiles where a rollup begins. */
export const rolledUp = (): TiffinError =>
  new TiffinError(
    "rolled_up",
    "a percentile is asked for of series that retention rolled up: their single values are gone",
  );

/** What a rollup says of itself. */
export const rollupParams = ({ count, min, max, first, last }: RollupParts): JsonObject => ({
  ...{ count, min, max, first, last },
});
