/**
 * An exact percentile of numbers in rising order, interpolated linearly between the two nearest: definition 7 of Hyndman and Fan, "Sample
 * Quantiles in Statistical Packages" (1996), which is PostgreSQL's percentile_cont. NaN of none.
 */
export function percentileOf(sorted: Float64Array, percentile: number): number {
  if (sorted.length === 0) return Number.NaN;
  const at = (percentile / 100) * (sorted.length - 1);
  const below = Math.floor(at);
  const low = sorted[below] as number;
  // What is between two may be more than a double holds.
  if (at === below) return low;
  const high = sorted[Math.min(below + 1, sorted.length - 1)] as number;
  // PostgreSQL's very form, so that both round alike.
  return low + (at - below) * (high - low);
}
