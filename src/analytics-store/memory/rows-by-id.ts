import type { SeriesPage } from "../analytics-store.ts";
import type { Chunk } from "./chunk.ts";
import type { Row } from "./row.ts";
import { meansRow, type RowFilter, rangeOf } from "./row-filter.ts";
import type { SeriesRows } from "./series-rows.ts";

/**
 * The filter's first rows after an id. Rows are in the order of time: of chunks of which no order by id is remembered all are looked at. Of those
 * that are meant only so many as are asked for are held.
 */
export function rowsById(
  rows: SeriesRows,
  filter: RowFilter,
  { afterId, limit }: SeriesPage,
): Row[] {
  const smallest = new Smallest(limit);
  const orderOf = rows.idOrders();
  for (const chunk of rows.chunks) {
    if (chunk.greatestId <= afterId || chunk.leastId > smallest.bound) continue;
    const search = { chunk, filter, afterId, ...rangeOf(filter, chunk) };
    const order = orderOf(chunk);
    if (order === undefined) lookAtAll(search, smallest);
    else goThrough(order, search, smallest);
  }
  return smallest.sorted.map(({ chunk, at }) => chunk.row(at));
}

/** For rows [low, high) of a chunk. */
interface Search {
  readonly chunk: Chunk;
  readonly filter: RowFilter;
  readonly afterId: number;
  readonly low: number;
  readonly high: number;
}

function lookAtAll({ chunk, filter, afterId, low, high }: Search, smallest: Smallest): void {
  const { ids } = chunk;
  let { bound } = smallest;
  for (let at = low; at < high; at++) {
    const id = ids[at] as number;
    if (id > bound || id <= afterId || !meansRow(filter, chunk, at)) continue;
    smallest.add({ id, chunk, at });
    bound = smallest.bound;
  }
}

function goThrough(
  order: Uint32Array,
  { chunk, filter, afterId, low, high }: Search,
  smallest: Smallest,
): void {
  const { ids } = chunk;
  for (let next = firstAfter(afterId, ids, order); next < order.length; next++) {
    const at = order[next] as number;
    const id = ids[at] as number;
    if (id > smallest.bound) return;
    if (at >= low && at < high && meansRow(filter, chunk, at)) smallest.add({ id, chunk, at });
  }
}

/** Where in the order the first id is that is greater. */
function firstAfter(id: number, ids: Float64Array, order: Uint32Array): number {
  let [low, high] = [0, order.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((ids[order[middle] as number] as number) <= id) low = middle + 1;
    else high = middle;
  }
  return low;
}

interface Found {
  readonly id: number;
  readonly chunk: Chunk;
  readonly at: number;
}

/** So many of the smallest ids. */
class Smallest {
  /** A greater one is not among them. */
  bound = Number.POSITIVE_INFINITY;
  readonly #limit: number;
  #found: Found[] = [];

  constructor(limit: number) {
    this.#limit = limit;
    if (limit <= 0) this.bound = Number.NEGATIVE_INFINITY;
  }

  get sorted(): readonly Found[] {
    return this.#found.sort((a, b) => a.id - b.id).slice(0, this.#limit);
  }

  add(found: Found): void {
    this.#found.push(found);
    // Sorting once in so many times costs little for each.
    if (this.#found.length < 2 * this.#limit + sortMin) return;
    this.#found = this.sorted.slice();
    this.bound = this.#found.at(-1)?.id ?? this.bound;
  }
}

const sortMin = 256;
