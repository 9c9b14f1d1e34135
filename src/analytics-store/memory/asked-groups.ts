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
  /** Whether any cell of theirs may hold rollups. */
  readonly mayBeRolledUp: boolean;
}

export function askedGroups(
  { groupOf: all, keys }: Grouping,
  { slice, before }: Pick<BucketQuery, "slice" | "before">,
  { cells, firstStarts }: { readonly cells: Cells; readonly firstStarts: Float64Array },
): AskedGroups {
  const from = slice?.from ?? 0;
  const end = slice === undefined ? keys.length : from + slice.count;
  const isThere = new Uint8Array(keys.length);
  for (let cell = 0; cell < all.length; cell++) {
    const group = all[cell] as number;
    if (group >= from && group < end && (firstStarts[cell] as number) < before) isThere[group] = 1;
  }
  const places = new Int32Array(keys.length).fill(-1);
  const asked = keys.filter((_, group) => isThere[group] === 1);
  let next = 0;
  for (let group = 0; group < keys.length; group++)
    if (isThere[group] === 1) places[group] = next++;
  const groupOf = all.map((group) => (group < 0 ? -1 : (places[group] as number)));
  return { keys: asked, total: keys.length, groupOf, ...apart(groupOf, asked.length, cells) };
}

function apart(
  groupOf: Int32Array,
  groups: number,
  cells: Cells,
): Pick<AskedGroups, "slotOf" | "slots" | "mayBeRolledUp"> {
  const slotOf = groupOf.slice();
  let [accrues, mayBeRolledUp] = [false, false];
  for (let cell = 0; cell < groupOf.length; cell++) {
    const group = groupOf[cell] as number;
    if (group < 0) continue;
    const fn = cells.fnOf(cell);
    if (fn === "Rollup") mayBeRolledUp = true;
    if (fn !== "DssVest") continue;
    slotOf[cell] = groups + group;
    accrues = true;
  }
  return { slotOf, slots: accrues ? 2 * groups : groups, mayBeRolledUp };
}
