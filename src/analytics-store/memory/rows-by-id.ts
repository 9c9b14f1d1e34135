import type { SeriesPage } from "../analytics-store.ts";
import type { Chunk } from "./chunk.ts";
import type { Row } from "./row.ts";
import { meansRow, type RowFilter, rangeOf } from "./row-filter.ts";

/**
 * The filter's first rows after an id. Rows are in the order of time, so all are looked at, but for chunks whose ids are all smaller or greater; of
 * those that are meant only so many as are asked for are held.
 */
export function rowsById(
  chunks: readonly Chunk[],
  filter: RowFilter,
  { afterId, limit }: SeriesPage,
): Row[] {
  const smallest = new Smallest(limit);
  for (const chunk of chunks) {
    if (chunk.greatestId > afterId) addFound(chunk, smallest, { filter, afterId });
  }
  return smallest.sorted.map(({ chunk, at }) => chunk.row(at));
}

function addFound(
  chunk: Chunk,
  smallest: Smallest,
  { filter, afterId }: { readonly filter: RowFilter; readonly afterId: number },
): void {
  const { low, high } = rangeOf(filter, chunk);
  const { ids } = chunk;
  let { bound } = smallest;
  if (chunk.leastId > bound) return;
  for (let at = low; at < high; at++) {
    const id = ids[at] as number;
    if (id > bound || id <= afterId || !meansRow(filter, chunk, at)) continue;
    smallest.add({ id, chunk, at });
    bound = smallest.bound;
  }
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
