/** The index of the first number of the rising ones in [low, high) that is not below the bound; `high`: none is. */
export function firstNotBelow(
  rising: Float64Array,
  bound: number,
  { low = 0, high = rising.length }: { readonly low?: number; readonly high?: number } = {},
): number {
  let from = low;
  let to = high;
  while (from < to) {
    const middle = (from + to) >>> 1;
    if ((rising[middle] as number) < bound) from = middle + 1;
    else to = middle;
  }
  return from;
}
