import { reordering } from "./chunk-order.ts";
import { bytesOfExtra, type Row, type RowExtra } from "./row.ts";

/** Rows by columns. They are in order of start and id after `sort`; new ones have greater ids than all before. */
export class Chunk {
  starts: Float64Array = new Float64Array();
  values: Float64Array = new Float64Array();
  ids: Float64Array = new Float64Array();
  cells: Uint32Array = new Uint32Array();
  sources: Uint32Array = new Uint32Array();
  /** By id, of the few rows that have any. */
  readonly extras = new Map<number, RowExtra>();
  readonly #rowsMax: number;
  #length = 0;
  #sorted = 0;
  #extraBytes = 0;
  #mayHaveRollups = false;
  #accruals = 0;
  #earliest = Number.POSITIVE_INFINITY;
  #latest = Number.NEGATIVE_INFINITY;
  #latestEnd = Number.NEGATIVE_INFINITY;
  #leastId = Number.POSITIVE_INFINITY;
  #greatestId = Number.NEGATIVE_INFINITY;
  #accruedBy = Number.NEGATIVE_INFINITY;

  constructor(rowsMax: number) {
    this.#rowsMax = rowsMax;
  }

  get length(): number {
    return this.#length;
  }

  get isFull(): boolean {
    return this.#length >= this.#rowsMax;
  }

  get earliest(): number {
    return this.#earliest;
  }

  get latest(): number {
    return this.#latest;
  }

  /** No row ends later; that some row ends then is not said. */
  get latestEnd(): number {
    return this.#latestEnd;
  }

  /** No row has a smaller id. */
  get leastId(): number {
    return this.#leastId;
  }

  /** No row has a greater id. */
  get greatestId(): number {
    return this.#greatestId;
  }

  /** From here on nothing accrues any more. */
  get accruedBy(): number {
    return this.#accruedBy;
  }

  /** Whether it has or had any. */
  get mayHaveRollups(): boolean {
    return this.#mayHaveRollups;
  }

  get hasAccruals(): boolean {
    return this.#accruals > 0;
  }

  get bytes(): number {
    return this.columnBytes + this.#extraBytes;
  }

  /** What its columns take, with room for more. */
  get columnBytes(): number {
    return this.starts.length * bytesPerRow;
  }

  /** How many bytes more its columns take at most with so many rows more, though it is split for them. */
  growthBy(rows: number): number {
    const length = this.#length + rows;
    return length <= this.starts.length
      ? 0
      : Math.max(0, bytesOfColumns(length) - this.columnBytes);
  }

  append({ id, source, cell, start, value, extra, isRollup }: Row): void {
    const at = this.#length;
    if (at === this.starts.length) this.#reserve(Math.ceil(at * growth));
    this.starts[at] = start;
    this.values[at] = value;
    this.ids[at] = id;
    this.cells[at] = cell;
    this.sources[at] = source;
    this.#length = at + 1;
    if (start < this.#earliest) this.#earliest = start;
    if (start > this.#latest) this.#latest = start;
    if (id < this.#leastId) this.#leastId = id;
    if (id > this.#greatestId) this.#greatestId = id;
    if (isRollup === true) this.#mayHaveRollups = true;
    if (extra !== undefined) this.#keep(id, extra);
  }

  row(at: number): Row {
    const id = this.ids[at] as number;
    return {
      id,
      source: this.sources[at] as number,
      cell: this.cells[at] as number,
      start: this.starts[at] as number,
      value: this.values[at] as number,
      extra: this.extras.get(id),
    };
  }

  sort(): void {
    const { starts } = this;
    const moved = reordering(starts, this.#sorted, this.#length);
    this.#sorted = this.#length;
    if (moved === undefined) return;
    const { from, order } = moved;
    for (const column of [starts, this.values, this.ids, this.cells, this.sources]) {
      const before = column.slice(from, this.#length);
      for (let at = 0; at < order.length; at++) {
        column[from + at] = before[(order[at] as number) - from] as number;
      }
    }
  }

  /** Its later half, which it loses. */
  split(): Chunk {
    this.sort();
    const middle = this.#length >>> 1;
    const later = new Chunk(this.#rowsMax);
    later.#reserve(Math.ceil((this.#length - middle) * growth));
    later.#take(this, middle);
    if (this.extras.size > 0) {
      for (const id of this.ids.subarray(middle, this.#length)) this.#forget(id);
    }
    this.#shorten(middle);
    this.#reserve(Math.ceil(middle * growth));
    return later;
  }

  /** Appends all rows of the chunk that follows it. */
  absorb(later: Chunk): void {
    later.sort();
    this.sort();
    const length = this.#length + later.#length;
    if (length > this.starts.length) this.#reserve(Math.ceil(length * growth));
    this.#take(later, 0);
  }

  /** Appends the rows of another from that one on, which come after its own. There is room for them, and both are in order. */
  #take(from: Chunk, low: number): void {
    const { extras } = from;
    const high = from.#length;
    const ids = from.ids.subarray(low, high);
    this.starts.set(from.starts.subarray(low, high), this.#length);
    this.values.set(from.values.subarray(low, high), this.#length);
    this.ids.set(ids, this.#length);
    this.cells.set(from.cells.subarray(low, high), this.#length);
    this.sources.set(from.sources.subarray(low, high), this.#length);
    for (const id of ids) {
      if (id < this.#leastId) this.#leastId = id;
      if (id > this.#greatestId) this.#greatestId = id;
      const extra = extras.size === 0 ? undefined : extras.get(id);
      if (extra !== undefined) this.#keep(id, extra);
    }
    this.#length += ids.length;
    this.#sorted = this.#length;
    this.#mayHaveRollups ||= from.#mayHaveRollups;
    this.#spanRows();
  }

  /** Removes rows, which keeps the others in order. */
  remove(isMeant: (at: number) => boolean): void {
    this.sort();
    let kept = 0;
    for (let at = 0; at < this.#length; at++) {
      if (isMeant(at)) {
        this.#forget(this.ids[at] as number);
        continue;
      }
      if (kept !== at) this.#move(at, kept);
      kept++;
    }
    this.#shorten(kept);
    if (kept * 2 < this.starts.length) this.#reserve(Math.ceil(kept * growth));
  }

  /** Keeps only so many of its rows, which are in order. */
  #shorten(length: number): void {
    this.#length = length;
    this.#sorted = length;
    this.#spanRows();
  }

  /** Its rows are in order. */
  #spanRows(): void {
    const { starts } = this;
    const length = this.#length;
    this.#earliest = length === 0 ? Number.POSITIVE_INFINITY : (starts[0] as number);
    this.#latest = length === 0 ? Number.NEGATIVE_INFINITY : (starts[length - 1] as number);
  }

  #move(from: number, to: number): void {
    this.starts[to] = this.starts[from] as number;
    this.values[to] = this.values[from] as number;
    this.ids[to] = this.ids[from] as number;
    this.cells[to] = this.cells[from] as number;
    this.sources[to] = this.sources[from] as number;
  }

  #keep(id: number, extra: RowExtra): void {
    const { end, accrual } = extra;
    this.extras.set(id, extra);
    this.#extraBytes += bytesOfExtra(extra);
    if (end !== undefined && end > this.#latestEnd) this.#latestEnd = end;
    if (accrual === undefined) return;
    this.#accruals++;
    this.#accruedBy = Math.max(this.#accruedBy, accrual.to);
  }

  #forget(id: number): void {
    const extra = this.extras.get(id);
    if (extra === undefined) return;
    this.extras.delete(id);
    this.#extraBytes -= bytesOfExtra(extra);
    if (extra.accrual !== undefined) this.#accruals--;
  }

  #reserve(rows: number): void {
    const size = Math.min(Math.max(rows, rowsMin), this.#rowsMax);
    this.starts = resized(this.starts, new Float64Array(size));
    this.values = resized(this.values, new Float64Array(size));
    this.ids = resized(this.ids, new Float64Array(size));
    this.cells = resized(this.cells, new Uint32Array(size));
    this.sources = resized(this.sources, new Uint32Array(size));
  }
}

function resized<Column extends Float64Array | Uint32Array>(from: Column, to: Column): Column {
  to.set(from.length > to.length ? from.subarray(0, to.length) : from);
  return to;
}

const rowsMin = 64;
/** Twice as much would leave more unused than what copying saves. */
const growth = 1.25;
const bytesPerRow = 32;

/** What so many rows take at most, with room for more. */
export const bytesOfColumns = (rows: number): number =>
  bytesPerRow * (Math.ceil(rows * growth) + rowsMin);
