import type { CellColumn } from "./cell-column.ts";

/** What cells are told apart by. */
export interface GroupedColumn {
  /** A number for each cell; undefined: 0 for all. */
  readonly column: CellColumn | undefined;
  /** By that number the label that counts; undefined: the number itself. */
  readonly labelOf: Int32Array | undefined;
  /** Labels are below. */
  readonly radix: number;
}

/** By cell the number of its group, -1 where `matches` has 0; and the first cell of each group, in order. */
export interface GroupedCells {
  readonly groupOf: Int32Array;
  readonly firsts: readonly number[];
}

/** Groups cells that are alike in all columns: column by column, each time numbering anew what there is. */
export function groupedBy(matches: Uint8Array, columns: readonly GroupedColumn[]): GroupedCells {
  const groupOf = Int32Array.from(matches, (isMeant) => isMeant - 1);
  const first = matches.indexOf(1);
  let grouped: GroupedCells = { groupOf, firsts: first < 0 ? [] : [first] };
  for (const column of columns) if (column.radix > 1) grouped = refined(grouped, column);
  return grouped;
}

function refined({ groupOf, firsts: before }: GroupedCells, by: GroupedColumn): GroupedCells {
  const { column, labelOf, radix } = by;
  const numbers = numbering(before.length * radix);
  const firsts: number[] = [];
  for (let cell = 0; cell < groupOf.length; cell++) {
    const group = groupOf[cell] as number;
    if (group < 0) continue;
    const own = column?.get(cell) ?? 0;
    const label = labelOf === undefined ? own : (labelOf[own] as number);
    const pair = group * radix + label;
    let number = numbers.get(pair);
    if (number === undefined) {
      number = firsts.length;
      numbers.set(pair, number);
      firsts.push(cell);
    }
    groupOf[cell] = number;
  }
  return { groupOf, firsts };
}

/** From numbers below the bound to others: a table where that is small. */
function numbering(bound: number): {
  get(from: number): number | undefined;
  set(from: number, to: number): void;
} {
  if (bound > tableMax) return new Map<number, number>();
  const table = new Int32Array(bound);
  return {
    get: (from) => (table[from] === 0 ? undefined : (table[from] as number) - 1),
    set: (from, to) => {
      table[from] = to + 1;
    },
  };
}

/** 4 MiB. */
const tableMax = 2 ** 20;
