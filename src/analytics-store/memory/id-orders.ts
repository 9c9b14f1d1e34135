import type { Chunk } from "./chunk.ts";
import { sortedPositions } from "./sorted-positions.ts";

/**
 * Rows of chunks by id, for those who read them all page by page. Made when a chunk is asked for again and has not changed since: where series
 * come and go all the time, making it would cost more than it spares.
 */
export class IdOrders {
  /** By chunk the places of its rows; undefined: it was asked for once. */
  readonly #orders = new Map<Chunk, Uint32Array | undefined>();
  #bytes = 0;

  get bytes(): number {
    return this.#bytes;
  }

  /** For one page: the places of a chunk's rows by id; undefined: they have to be looked for. */
  ofPage(): (chunk: Chunk) => Uint32Array | undefined {
    let left = madeAtOnce;
    return (chunk) => {
      const known = this.#orders.get(chunk);
      if (known !== undefined) return known;
      const isWorthIt = this.#orders.has(chunk) && this.#hasRoom(chunk);
      if (isWorthIt && left-- > 0) return this.#make(chunk);
      this.#orders.set(chunk, undefined);
      return undefined;
    };
  }

  /** The chunk has changed. */
  forget(chunk: Chunk): void {
    if (this.#orders.size === 0) return;
    this.#bytes -= this.#orders.get(chunk)?.byteLength ?? 0;
    this.#orders.delete(chunk);
  }

  #hasRoom({ length }: Chunk): boolean {
    return this.#bytes + length * Uint32Array.BYTES_PER_ELEMENT <= bytesMax;
  }

  #make(chunk: Chunk): Uint32Array {
    const order = sortedPositions(chunk.ids, 0, chunk.length);
    this.#orders.set(chunk, order);
    this.#bytes += order.byteLength;
    return order;
  }
}

/** 64 MiB: to read must not fill what there is to add to. */
const bytesMax = 2 ** 26;
/** One takes some 10 ms, and every page waits for those that are made for it. */
const madeAtOnce = 8;
