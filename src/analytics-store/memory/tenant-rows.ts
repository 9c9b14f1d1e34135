import type { SeriesFilter } from "../analytics-store.ts";
import { CellColumn } from "../cell-column.ts";
import { Cells } from "../cells.ts";
import { Interned } from "../interned.ts";
import { rollupParams } from "../rollup.ts";
import type { JsonObject, StoredSeries } from "../series.ts";
import { ChangeTally } from "./change-tally.ts";
import type { Chunk } from "./chunk.ts";
import { FirstStarts } from "./first-starts.ts";
import type { NewRows } from "./new-rows.ts";
import { Population } from "./population.ts";
import type { RowTest } from "./retention-cut.ts";
import { extraOf, type Row, singlePart } from "./row.ts";
import { type RowFilter, rowFilter } from "./row-filter.ts";
import { SeriesRows } from "./series-rows.ts";

export interface Removal {
  /** Chunks without any that is meant are left alone. */
  readonly mayBeIn: (chunk: Chunk) => boolean;
  readonly tally: ChangeTally;
}

/** A tenant's rows, and what is known of them all. */
export class TenantRows {
  readonly cells = new Cells();
  readonly sources = new Interned();
  /** 1 for each cell whose paths the tenant's dimensions have; they may be forgotten when no series has them. */
  entered = new CellColumn();
  readonly rows: SeriesRows;
  readonly population = new Population();
  readonly firstStarts = new FirstStarts();
  #nextId = 1;

  constructor(chunkRowsMax?: number) {
    this.rows = new SeriesRows(chunkRowsMax);
  }

  get bytes(): number {
    return (
      this.rows.bytes + this.cells.bytes + this.sources.bytes + this.sources.size * bytesPerSource
    );
  }

  /** The batch's row at that place, which has its id from here on. */
  newRow({ starts, values, cells, sources, checked }: NewRows, at: number): Row {
    const id = this.#nextId++;
    const start = starts[at] as number;
    const value = values[at] as number;
    const one = checked.get(at);
    if (one === undefined) {
      const [source, cell] = [sources[at] as number, cells[at] as number];
      return { id, source, cell, start, value, extra: undefined };
    }
    return {
      id,
      source: this.sources.numberOf(one.source),
      cell: this.cells.numberOf(one),
      start,
      value,
      extra: extraOf(one),
    };
  }

  add(row: Row, tally: ChangeTally): void {
    this.rows.add(row);
    this.population.add(row);
    this.firstStarts.add(row.cell, row.start);
    tally.count(row, "added");
  }

  /** Of a commit that begins. */
  tally(): ChangeTally {
    return new ChangeTally((source) => this.sources.at(source));
  }

  /** No row has a greater id. */
  get lastId(): number {
    return this.#nextId - 1;
  }

  newId(): number {
    return this.#nextId++;
  }

  /** Removes the rows that are meant; answers how many. */
  remove(isMeant: RowTest, { mayBeIn, tally }: Removal): number {
    const { rows } = this;
    const sizeBefore = rows.size;
    for (const chunk of rows.chunks) {
      if (!mayBeIn(chunk)) continue;
      rows.removeFrom(chunk, (at) => {
        if (!isMeant(chunk, at)) return false;
        const row = {
          source: chunk.sources[at] as number,
          cell: chunk.cells[at] as number,
          start: chunk.starts[at] as number,
        };
        this.population.remove(row);
        this.firstStarts.remove(row.cell, row.start);
        tally.count(row, "deleted");
        return true;
      });
    }
    rows.tidy();
    return sizeBefore - rows.size;
  }

  isRollup(chunk: Chunk, at: number): boolean {
    return chunk.mayHaveRollups && this.cells.fnOf(chunk.cells[at] as number) === "Rollup";
  }

  filter(filter: SeriesFilter): RowFilter {
    return rowFilter(filter, this);
  }

  stored({ id, source, cell, start, value, extra }: Row): StoredSeries {
    const isRollup = this.cells.fnOf(cell) === "Rollup";
    return {
      id,
      source: this.sources.at(source),
      ...this.cells.at(cell),
      ...{ start, value, end: extra?.end },
      params: isRollup
        ? rollupParams(extra?.parts ?? singlePart(start, value))
        : toParams(extra?.params),
    };
  }
}

const toParams = (json: string | undefined): JsonObject | undefined =>
  json === undefined ? undefined : JSON.parse(json);

/** What a source takes beside its name, about. */
export const bytesPerSource = 100;
