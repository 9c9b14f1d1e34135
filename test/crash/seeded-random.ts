/** Numbers in [0, 1), the same ones for the same seeds (mulberry32). */
export function createRandom(...seeds: readonly number[]): () => number {
  let state = 0;
  for (const seed of seeds) state = Math.imul(state ^ seed, 0x9e3779b1) ^ (state >>> 15);
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** A whole number from 0 to below `end`. */
export const below = (random: () => number, end: number): number => Math.floor(random() * end);

/** One of the values. */
export function oneOf<T>(random: () => number, values: readonly [T, ...T[]]): T {
  return values[below(random, values.length)] ?? values[0];
}
