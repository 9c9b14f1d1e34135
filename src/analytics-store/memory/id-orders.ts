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

  /** The places of the chunk's rows by id; undefined: they have to be looked for. */
  of(chunk: Chunk): Uint32Array | undefined {
    const known = this.#orders.get(chunk);
    if (known !== undefined) return known;
    const isAgain = this.#orders.has(chunk);
    const bytes = chunk.length * Uint32Array.BYTES_PER_ELEMENT;
    if (!isAgain || this.#bytes + bytes > bytesMax) {
      this.#orders.set(chunk, undefined);
      return undefined;
    }
    const order = sortedPositions(chunk.ids, 0, chunk.length);
    this.#orders.set(chunk, order);
    this.#bytes += bytes;
    return order;
  }

  /** The chunk has changed. */
  forget(chunk: Chunk): void {
    if (this.#orders.size === 0) return;
    this.#bytes -= this.#orders.get(chunk)?.byteLength ?? 0;
    this.#orders.delete(chunk);
  }
}

/** 64 MiB: to read must not fill what there is to add to. */
const bytesMax = 2 ** 26;
