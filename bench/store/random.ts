/** Numbers in [0, 1), the same in every run (a linear congruential generator): what is measured must not vary. */
export function sameRandom(): () => number {
  let state = 1;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}
