import { vesting } from "../accrual.ts";
import type { SeriesFilter } from "../analytics-store.ts";
import { Cells } from "../cells.ts";
import { Interned } from "../interned.ts";
import type { CheckedSeries, StoredSeries } from "../series.ts";
import type { ChangeTally } from "./change-tally.ts";
import { FirstStarts } from "./first-starts.ts";
import { Population } from "./population.ts";
import type { RowTest } from "./retention-cut.ts";
import type { Row, RowExtra } from "./row.ts";
import { type RowFilter, rowFilter } from "./row-filter.ts";
import { SeriesRows } from "./series-rows.ts";

/** A tenant's rows, and what is known of them all. */
export class TenantRows {
  readonly cells = new Cells();
  readonly sources = new Interned();
  readonly rows = new SeriesRows();
  readonly population = new Population();
  readonly firstStarts = new FirstStarts();
  #nextId = 1;

  get bytes(): number {
    return (
      this.rows.bytes +
      this.firstStarts.bytes +
      this.cells.size * bytesPerCell +
      this.sources.size * bytesPerSource
    );
  }

  toRow(series: CheckedSeries): Row {
    return {
      id: this.#nextId++,
      source: this.sources.numberOf(series.source),
      cell: this.cells.numberOf(series),
      start: series.start,
      value: series.value,
      extra: extraOf(series),
    };
  }

  add(row: Row, tally: ChangeTally): void {
    this.rows.add(row);
    this.population.add(row);
    this.firstStarts.add(row.cell, row.start);
    tally.count(row, "added");
  }

  newId(): number {
    return this.#nextId++;
  }

  /** Removes the rows that are meant, all of which begin before an instant; answers how many. */
  remove(
    isMeant: RowTest,
    { before, tally }: { readonly before: number; readonly tally: ChangeTally },
  ): number {
    const { rows } = this;
    const sizeBefore = rows.size;
    for (const chunk of rows.chunks) {
      if (chunk.earliest >= before) break;
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

  filter(filter: SeriesFilter): RowFilter {
    return rowFilter(filter, this);
  }

  stored({ id, source, cell, start, value, extra }: Row): StoredSeries {
    return {
      id,
      source: this.sources.at(source),
      ...this.cells.at(cell),
      ...{ start, value, end: extra?.end, params: extra?.params },
    };
  }
}

function extraOf({ fn, start, end, value, cliff, params }: CheckedSeries): RowExtra | undefined {
  if (end === undefined) return params === undefined ? undefined : { params };
  if (fn !== "DssVest") return { end, params };
  return { end, params, accrual: vesting(value, start, { end, cliff }) };
}

/** Its text, its places in columns and maps: measured, with three dimensions. */
const bytesPerCell = 250;
const bytesPerSource = 200;
