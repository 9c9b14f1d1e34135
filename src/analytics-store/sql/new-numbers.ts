import { sql } from "kysely";
import type { Cell } from "../cells.ts";
import { Interned } from "../interned.ts";
import { numbersLiteral, textsLiteral } from "./array-literal.ts";
import type { TenantWork } from "./tenant-database.ts";

/** Numbers of a write's cells and sources; those that are new are known to this transaction alone until it is committed. */
export class NewNumbers {
  readonly #work: TenantWork;
  /** By what they are, as text: a table of cells takes ten times as long to make, and most batches have none that is new. */
  readonly #cells = new Map<string, number>();
  readonly #given: Cell[] = [];
  readonly #sources = new Interned();
  #cellsWritten = 0;

  constructor(work: TenantWork) {
    this.#work = work;
  }

  cellOf(cell: Cell): number {
    const { known, row } = this.#work;
    const there = known.cells.find(cell);
    if (there !== undefined) return there;
    const text = JSON.stringify([cell.metric, cell.unit, cell.fn, cell.dimensions]);
    let number = this.#cells.get(text);
    if (number === undefined) {
      number = this.#given.length;
      this.#cells.set(text, number);
      this.#given.push(cell);
    }
    return row.nextCell + number;
  }

  sourceOf(path: string): number {
    const { known, row } = this.#work;
    const there = known.sources.find(path);
    return there < 0 ? row.nextSource + this.#sources.numberOf(path) : there;
  }

  cellAt(number: number): Cell {
    const { known, row } = this.#work;
    const given = this.#given[number - row.nextCell];
    return given ?? known.cells.at(number);
  }

  /** What needs no looking up of its dimensions, as retention asks it of all cells. */
  kindAt(number: number): Pick<Cell, "metric" | "fn"> {
    const { known, row } = this.#work;
    const given = this.#given[number - row.nextCell];
    return given ?? { metric: known.cells.metricOf(number), fn: known.cells.fnOf(number) };
  }

  get nextCell(): number {
    return this.#work.row.nextCell + this.#given.length;
  }

  get nextSource(): number {
    return this.#work.row.nextSource + this.#sources.size;
  }

  /** To be called when they are committed: nobody has to read them again. */
  adopt(): void {
    const { known, row } = this.#work;
    for (const [number, cell] of this.#given.entries()) {
      if (known.cells.size === row.nextCell + number) known.cells.numberOf(cell);
    }
    for (let number = 0; number < this.#sources.size; number++) {
      if (known.sources.size === row.nextSource + number) {
        known.sources.numberOf(this.#sources.at(number));
      }
    }
  }

  /** Writes those that are new since the last time. */
  async write(): Promise<void> {
    await this.#writeCells();
    const { statements, row } = this.#work;
    const sources = Array.from({ length: this.#sources.size }, (_, index) => index);
    if (sources.length === 0) return;
    await statements.rows(sql`insert into tiffin_analytics.source (tenant, number, path)
      select ${row.id}, number, path from unnest(
        ${numbersLiteral(sources.map((index) => row.nextSource + index))}::int[],
        ${textsLiteral(sources.map((index) => this.#sources.at(index)))}::text[]
      ) as new (number, path) on conflict do nothing`);
  }

  async #writeCells(): Promise<void> {
    const { statements, row } = this.#work;
    const from = this.#cellsWritten;
    const cells = this.#given.slice(from);
    if (cells.length === 0) return;
    this.#cellsWritten = this.#given.length;
    await statements.rows(sql`insert into tiffin_analytics.cell
      (tenant, number, metric, unit, fn, dimensions)
      select ${row.id}, number, metric, unit, fn, dimensions from unnest(
        ${numbersLiteral(cells.map((_, index) => row.nextCell + from + index))}::int[],
        ${textsLiteral(cells.map(({ metric }) => metric))}::text[],
        ${textsLiteral(cells.map(({ unit }) => unit))}::text[],
        ${textsLiteral(cells.map(({ fn }) => fn))}::text[],
        ${textsLiteral(cells.map(({ dimensions }) => JSON.stringify(dimensions)))}::text[]
      ) as new (number, metric, unit, fn, dimensions)`);
  }
}
