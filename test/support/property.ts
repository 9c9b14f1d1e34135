import type fc from "fast-check";

type Replayable = Pick<fc.Parameters, "numRuns" | "seed" | "path" | "endOnFailure">;

/**
 * How properties run. A failure prints its seed and path; `TIFFIN_TEST_SEED` and `TIFFIN_TEST_PATH` replay it, and
 * `TIFFIN_TEST_RUNS` runs more. Without a seed every run takes a new one.
 */
export function propertyParameters(runs = 100): Replayable {
  const { TIFFIN_TEST_SEED: seed, TIFFIN_TEST_PATH: path, TIFFIN_TEST_RUNS: more } = process.env;
  return {
    numRuns: more === undefined ? runs : Number(more),
    ...(seed === undefined ? {} : { seed: Number(seed) }),
    ...(path === undefined ? {} : { path, endOnFailure: true }),
  };
}
