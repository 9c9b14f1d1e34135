import type { BucketQuery, GroupKey } from "../analytics-store.ts";
import type { Cells, Grouping } from "../cells.ts";

/** The groups that a query asks for and that have rows. */
export interface AskedGroups {
  readonly keys: readonly GroupKey[];
  readonly total: number;
  /** By cell its group's place among the keys, -1: none. */
  readonly groupOf: Int32Array;
  /** The same, but cells whose values accrue have the place after all keys': they are counted apart. */
  readonly slotOf: Int32Array;
  readonly slots: number;
  /** By cell 1 where it is one of rollups and in a group; undefined: none is. */
  readonly rollupCells: Uint8Array | undefined;
}

export function askedGroups(
  grouping: Grouping,
  { slice, before }: Pick<BucketQuery, "slice" | "before">,
  { cells, firstStarts }: { readonly cells: Cells; readonly firstStarts: Float64Array },
): AskedGroups {
  const { keys } = grouping;
  const total = keys.length;
  const from = Math.min(slice?.from ?? 0, total);
  const end = slice === undefined ? total : Math.min(from + slice.count, total);
  const places = new Int32Array(total).fill(-1);
  const there = presentGroups(grouping.groupOf, { from, end, before, firstStarts });
  for (const [place, group] of there.entries()) places[group] = place;
  const groupOf =
    there.length === total
      ? grouping.groupOf
      : grouping.groupOf.map((group) => (group < 0 ? -1 : (places[group] as number)));
  const asked = there.map((group) => keys[group] as GroupKey);
  return { keys: asked, total, groupOf, ...apart(groupOf, asked.length, cells) };
}

/** Those of [from, end) with a row before an instant, in order. */
function presentGroups(
  groupOf: Int32Array,
  {
    from,
    end,
    before,
    firstStarts,
  }: {
    readonly from: number;
    readonly end: number;
    readonly before: number;
    readonly firstStarts: Float64Array;
  },
): number[] {
  const isThere = new Uint8Array(end - from);
  let missing = end - from;
  for (let cell = 0; cell < groupOf.length && missing > 0; cell++) {
    const group = groupOf[cell] as number;
    if (group < from || group >= end || isThere[group - from] === 1) continue;
    if ((firstStarts[cell] as number) >= before) continue;
    isThere[group - from] = 1;
    missing--;
  }
  const there: number[] = [];
  for (let group = from; group < end; group++) if (isThere[group - from] === 1) there.push(group);
  return there;
}

function apart(
  groupOf: Int32Array,
  groups: number,
  cells: Cells,
): Pick<AskedGroups, "slotOf" | "slots" | "rollupCells"> {
  let slotOf: Int32Array | undefined;
  for (const cell of cells.ofFunction("DssVest")) {
    const group = groupOf[cell] as number;
    if (group < 0) continue;
    slotOf ??= groupOf.slice();
    slotOf[cell] = groups + group;
  }
  return {
    slotOf: slotOf ?? groupOf,
    slots: slotOf === undefined ? groups : 2 * groups,
    rollupCells: rollupCellsOf(groupOf, cells),
  };
}

function rollupCellsOf(groupOf: Int32Array, cells: Cells): Uint8Array | undefined {
  let isRollup: Uint8Array | undefined;
  for (const cell of cells.ofFunction("Rollup")) {
    if ((groupOf[cell] as number) < 0) continue;
    isRollup ??= new Uint8Array(groupOf.length);
    isRollup[cell] = 1;
  }
  return isRollup;
}
