import { bytesOfColumns, Chunk } from "./chunk.ts";
import { type ChunkSummary, Summarizer } from "./chunk-summary.ts";
import { IdOrders } from "./id-orders.ts";
import type { Row } from "./row.ts";

/** A tenant's rows by start and id, in chunks that do not overlap. */
export class SeriesRows {
  #chunks: Chunk[] = [];
  /** By chunk the start that its rows have at least; the first takes what is earlier, too. */
  #lows: number[] = [];
  /** Of chunks that have not changed since. */
  readonly #summaries = new Map<Chunk, ChunkSummary | undefined>();
  readonly #summarizer = new Summarizer();
  readonly #idOrders = new IdOrders();
  readonly #chunkRowsMax: number;
  #size = 0;

  constructor(chunkRowsMax = defaultChunkRowsMax) {
    this.#chunkRowsMax = chunkRowsMax;
  }

  get size(): number {
    return this.#size;
  }

  get bytes(): number {
    let { bytes } = this.#idOrders;
    for (const chunk of this.#chunks) bytes += chunk.bytes;
    for (const summary of this.#summaries.values()) {
      bytes += (summary?.cells.length ?? 0) * bytesPerSummedCell;
    }
    return bytes;
  }

  /** How many bytes more so many new rows take at most, wherever they begin. */
  mostGrowthBy(rows: number): number {
    let bytes = bytesOfColumns(rows);
    for (const chunk of this.#chunks) {
      bytes += Math.max(0, bytesOfColumns(chunk.length + 1) - chunk.columnBytes);
    }
    return bytes;
  }

  /** The same of rows that begin then. */
  growthBy(starts: Float64Array): number {
    const newRows = new Map<Chunk | undefined, number>();
    for (const start of starts) {
      const chunk = this.#chunks[this.#indexFor(start)];
      newRows.set(chunk, (newRows.get(chunk) ?? 0) + 1);
    }
    let bytes = 0;
    for (const [chunk, rows] of newRows) bytes += chunk?.growthBy(rows) ?? bytesOfColumns(rows);
    return bytes;
  }

  /** A new row: its id is greater than all before. */
  add(row: Row): void {
    const chunk = this.#chunkFor(row.start);
    chunk.append(row);
    this.#size++;
    this.#changed(chunk);
  }

  /** All that have rows, by start, each in order. */
  get chunks(): readonly Chunk[] {
    for (const chunk of this.#chunks) chunk.sort();
    return this.#chunks;
  }

  /** Undefined: it has nearly as many cells as rows. */
  summaryOf(chunk: Chunk, cellCount: number): ChunkSummary | undefined {
    if (this.#summaries.has(chunk)) return this.#summaries.get(chunk);
    const summary = this.#summarizer.summaryOf(chunk, cellCount);
    this.#summaries.set(chunk, summary);
    return summary;
  }

  /** For one page: the places of a chunk's rows by id; undefined: they have to be looked for. */
  idOrders(): (chunk: Chunk) => Uint32Array | undefined {
    return this.#idOrders.ofPage();
  }

  /** Removes from a chunk the rows that are meant. What is left small is put together by `tidy`. */
  removeFrom(chunk: Chunk, isMeant: (at: number) => boolean): void {
    const before = chunk.length;
    chunk.remove(isMeant);
    if (chunk.length === before) return;
    this.#size -= before - chunk.length;
    this.#changed(chunk);
  }

  /** Puts neighbours together that are small, so that they can grow again before they are split, and lets go of empty chunks. */
  tidy(): void {
    const chunks: Chunk[] = [];
    const lows: number[] = [];
    for (const [index, chunk] of this.#chunks.entries()) {
      const before = chunks.at(-1);
      const isLone = before === undefined || before.length + chunk.length > this.#chunkRowsMax / 2;
      if (isLone) {
        if (chunk.length === 0) continue;
        chunks.push(chunk);
        lows.push(this.#lows[index] as number);
        continue;
      }
      if (chunk.length === 0) continue;
      before.absorb(chunk);
      this.#changed(before);
      this.#changed(chunk);
    }
    this.#chunks = chunks;
    this.#lows = lows;
  }

  /** The chunk that takes a row of that start, with room for it. */
  #chunkFor(start: number): Chunk {
    const index = this.#indexFor(start);
    const chunk = this.#chunks[index];
    if (chunk === undefined) return this.#insert(0, { chunk: this.#newChunk(), low: start });
    if (!chunk.isFull) return chunk;
    if (start >= chunk.latest) return this.#chunkBehind(index, start);
    const later = chunk.split();
    this.#changed(chunk);
    const low = later.starts[0] as number;
    this.#insert(index + 1, { chunk: later, low });
    return start >= low ? later : chunk;
  }

  /** Between a full chunk and the next one, which takes what is earlier, too, if it has room: rows may come latest first. */
  #chunkBehind(index: number, start: number): Chunk {
    const next = this.#chunks[index + 1];
    if (next === undefined || next.isFull) {
      return this.#insert(index + 1, { chunk: this.#newChunk(), low: start });
    }
    this.#lows[index + 1] = start;
    return next;
  }

  /** What was remembered of it does not hold any more. */
  #changed(chunk: Chunk): void {
    if (this.#summaries.size > 0) this.#summaries.delete(chunk);
    this.#idOrders.forget(chunk);
  }

  #newChunk(): Chunk {
    return new Chunk(this.#chunkRowsMax);
  }

  #insert(index: number, { chunk, low }: { readonly chunk: Chunk; readonly low: number }): Chunk {
    this.#chunks.splice(index, 0, chunk);
    this.#lows.splice(index, 0, low);
    return chunk;
  }

  /** Of the last chunk that takes this start. */
  #indexFor(start: number): number {
    let low = 1;
    let high = this.#lows.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#lows[middle] as number) <= start) low = middle + 1;
      else high = middle;
    }
    return low - 1;
  }
}

/** More would make the chunks at the edges of periods, which are read row by row, dearer; fewer, their sums by cell. */
const defaultChunkRowsMax = 65_536;
const bytesPerSummedCell = 20;
