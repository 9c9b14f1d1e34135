/** One figure, measured once a round. */
export interface Sample {
  readonly median: number;
  readonly min: number;
  readonly max: number;
  readonly rounds: readonly number[];
}

export function sample(rounds: readonly number[]): Sample {
  const sorted = rounds.toSorted((a, b) => a - b);
  return {
    median: quantile(sorted, 0.5),
    min: sorted[0] ?? Number.NaN,
    max: sorted.at(-1) ?? Number.NaN,
    rounds,
  };
}

/**
 * A ratio is taken within each round, of two runs that were neighbours in time, and the median of those is
 * answered: what else the machine did then weighs on both.
 */
export function ratioOf(numerator: Sample, denominator: Sample): Sample {
  return sample(
    numerator.rounds.map((value, round) => value / (denominator.rounds[round] ?? Number.NaN)),
  );
}

/** The value that the share `q` of the sorted values does not exceed. */
export function quantile(sorted: readonly number[], q: number): number {
  const at = (sorted.length - 1) * q;
  const below = sorted[Math.floor(at)] ?? Number.NaN;
  const above = sorted[Math.ceil(at)] ?? Number.NaN;
  return below + (above - below) * (at - Math.floor(at));
}
