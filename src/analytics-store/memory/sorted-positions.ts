/** The positions of [from, to) by the numbers there, whole ones, and then as they are. */
export function sortedPositions(numbers: Float64Array, from: number, to: number): Uint32Array {
  const part = numbers.subarray(from, to);
  let [least, most] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const number of part) {
    if (number < least) least = number;
    if (number > most) most = number;
  }
  const size = part.length;
  if ((most - least + 1) * size > Number.MAX_SAFE_INTEGER) {
    return Uint32Array.from(part, (_, at) => from + at).sort(
      (a, b) => (numbers[a] as number) - (numbers[b] as number) || a - b,
    );
  }
  // Number and position in one: sorting numbers without a function to compare them is ten times as fast.
  const keys = new Float64Array(size);
  for (let at = 0; at < size; at++) keys[at] = ((part[at] as number) - least) * size + at;
  keys.sort();
  const positions = new Uint32Array(size);
  for (let at = 0; at < size; at++) positions[at] = from + ((keys[at] as number) % size);
  return positions;
}
