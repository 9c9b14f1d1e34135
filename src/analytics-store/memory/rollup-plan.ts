import type { RollupPeriod } from "../analytics-store.ts";
import { CellColumn } from "../cell-column.ts";
import { type CalendarPeriod, calendarPeriod } from "./calendar-period.ts";
import type { Chunk } from "./chunk.ts";
import type { RowTest } from "./retention-cut.ts";
import { RollupPlace } from "./rollup-place.ts";
import { firstNotBelow } from "./sorted-search.ts";
import type { TenantRows } from "./tenant-rows.ts";

/** About rows. */
export interface PlanTests {
  readonly isMeant: RowTest;
  readonly goes: RowTest;
  /** Whether a row is a reason to read its period. */
  readonly changes: RowTest;
  /** No row goes in the periods that begin here or later. */
  readonly before: number;
}

/** What is to be rolled up in some periods. */
export interface PlannedRollups {
  readonly from: number;
  readonly to: number;
  readonly made: readonly RollupPlace[];
}

/** What is to be rolled up together: period by period, so that only the places of a few are held beside the rollups to be made. */
export class RollupPlan {
  readonly #rows: TenantRows;
  readonly #period: RollupPeriod;
  /** By cell that of its rollups, and 1; 0: not asked for yet. */
  readonly #rollupCells = new CellColumn();
  #made: RollupPlace[] = [];
  #rowsRead = 0;
  #places = new Map<number, RollupPlace>();

  constructor(rows: TenantRows, period: RollupPeriod) {
    this.#rows = rows;
    this.#period = period;
  }

  /**
   * `goes`: the rows that a rule does not keep; the rollups of `isMeant` are merged with those of their place. Only periods are read in which a row changes
   * what an earlier application has made of them. What is answered is to be put in its rows' place before the next is asked for.
   */
  *read(tests: PlanTests): Generator<PlannedRollups> {
    let from = Number.NEGATIVE_INFINITY;
    for (const period of this.#periodsOf(this.#rows.rows.chunks, tests)) {
      for (const chunk of this.#rows.rows.chunks) {
        if (chunk.earliest >= period.to) break;
        this.#readPeriod(chunk, period, tests);
      }
      this.#endPeriod();
      if (this.#rowsRead < rowsAtOnce) continue;
      yield { from, to: period.to, made: this.#made };
      from = period.to;
      this.#made = [];
      this.#rowsRead = 0;
    }
    yield { from, to: Number.POSITIVE_INFINITY, made: this.#made };
  }

  #readPeriod(chunk: Chunk, { from, to }: CalendarPeriod, tests: PlanTests): void {
    const { starts, length } = chunk;
    const first = firstNotBelow(starts, from, { high: length });
    for (let at = first; at < length && (starts[at] as number) < to; at++) {
      this.#readRow(chunk, at, tests);
    }
  }

  /** In order. */
  #periodsOf(chunks: readonly Chunk[], { changes, before }: PlanTests): CalendarPeriod[] {
    const periods: CalendarPeriod[] = [];
    let to = Number.NEGATIVE_INFINITY;
    for (const chunk of chunks) {
      if (chunk.earliest >= before) break;
      for (let at = 0; at < chunk.length; at++) {
        const start = chunk.starts[at] as number;
        if (start >= before) break;
        if (start < to || !changes(chunk, at)) continue;
        const period = calendarPeriod(start, this.#period);
        periods.push(period);
        to = period.to;
      }
    }
    return periods;
  }

  #readRow(chunk: Chunk, at: number, { isMeant, goes }: PlanTests): void {
    const isGoing = goes(chunk, at);
    const isRollup = this.#rows.isRollup(chunk, at);
    if (!isGoing && !(isRollup && isMeant(chunk, at))) return;
    this.#rowsRead++;
    const row = chunk.row(at);
    const place = this.#placeOf(row);
    place.add(row, isRollup);
    if (isGoing) place.isGoing = true;
  }

  #placeOf({ source, cell }: { readonly source: number; readonly cell: number }): RollupPlace {
    const rollupCell = this.#rollupCellOf(cell);
    const key = rollupCell * this.#rows.sources.size + source;
    let place = this.#places.get(key);
    if (place === undefined) {
      place = new RollupPlace(source, rollupCell);
      this.#places.set(key, place);
    }
    return place;
  }

  #endPeriod(): void {
    for (const place of this.#places.values()) if (place.isNew) this.#made.push(place);
    this.#places = new Map();
  }

  #rollupCellOf(cell: number): number {
    const known = this.#rollupCells.get(cell);
    if (known > 0) return known - 1;
    const { cells } = this.#rows;
    const number = cells.numberOf({ ...cells.at(cell), fn: "Rollup" });
    this.#rollupCells.set(cell, number + 1);
    return number;
  }
}

/** So many are rolled up in some tens of milliseconds, which all others wait. */
const rowsAtOnce = 16_384;
