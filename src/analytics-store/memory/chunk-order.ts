import { sortedPositions } from "./sorted-positions.ts";
import { firstNotBelow } from "./sorted-search.ts";

/** Which rows have to move, from `from` on, and where each comes from. */
export interface Reordering {
  readonly from: number;
  readonly order: Uint32Array;
}

/**
 * How rows get in order whose first `sorted` starts rise and whose rest came later; undefined: they are. What starts at one instant stays in the order
 * in which it came. No row before the first that has to give way is touched, so rows that come in the order of time cost nothing here.
 */
export function reordering(
  starts: Float64Array,
  sorted: number,
  length: number,
): Reordering | undefined {
  if (isRising(starts, Math.max(0, sorted - 1), length)) return undefined;
  const late = sortedPositions(starts, sorted, length);
  const earliest = starts[late[0] as number] as number;
  // Those of the same start came before it; the first that is later gives way.
  const from = firstNotBelow(starts, earliest + 1, { high: sorted });
  const order = new Uint32Array(length - from);
  let [kept, next] = [from, 0];
  for (let at = 0; at < order.length; at++) {
    const position = late[next] as number;
    const isKept =
      kept < sorted &&
      (next === late.length || (starts[kept] as number) <= (starts[position] as number));
    order[at] = isKept ? kept++ : position;
    if (!isKept) next++;
  }
  return { from, order };
}

function isRising(starts: Float64Array, from: number, to: number): boolean {
  for (let at = from + 1; at < to; at++) {
    if ((starts[at] as number) < (starts[at - 1] as number)) return false;
  }
  return true;
}
