import type { BucketQuery } from "../analytics-store.ts";
import type { Cells, Grouping } from "../cells.ts";

interface Remembered extends Grouping {
  /** How many cells there were. */
  readonly cells: number;
}

/** Groupings of the latest shapes of query, as long as no cell is new: a question is often asked again. */
export class RememberedGroupings {
  readonly #remembered = new Map<string, Remembered>();

  get bytes(): number {
    let bytes = 0;
    for (const { cells, keys } of this.#remembered.values()) {
      bytes += cells * Int32Array.BYTES_PER_ELEMENT + keys.length * bytesPerKey;
    }
    return bytes;
  }

  of({ filter, select }: Pick<BucketQuery, "filter" | "select">, cells: Cells): Grouping {
    const shape = JSON.stringify([filter, select]);
    const known = this.#remembered.get(shape);
    this.#remembered.delete(shape);
    if (known?.cells === cells.size) {
      this.#remembered.set(shape, known);
      return known;
    }
    const all = { ...filter, select: [...(filter.select ?? []), ...select] };
    const grouping = cells.grouping(cells.matching(all), select);
    if (shape.length <= shapeMax) this.#remember(shape, { ...grouping, cells: cells.size });
    return grouping;
  }

  #remember(shape: string, grouping: Remembered): void {
    this.#remembered.set(shape, grouping);
    for (const oldest of this.#remembered.keys()) {
      if (this.#remembered.size <= shapesMax && this.bytes <= bytesMax) return;
      this.#remembered.delete(oldest);
    }
  }
}

const shapesMax = 16;
/** 32 MiB: to ask must not fill what there is to add to. */
const bytesMax = 2 ** 25;
/** Characters of a filter and a selection. */
const shapeMax = 16_384;
/** An estimate. */
const bytesPerKey = 200;
